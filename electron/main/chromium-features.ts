import type { CommandLine } from 'electron';

/**
 * Chromium's SQLite back end for IndexedDB. A change of back end deletes the other one's data, in either direction, so
 * LevelDB is pinned until a release moves on purpose. The plain shell pins the same.
 */
export const PINNED_OFF = ['IdbSqliteBackingStore', 'IdbSqliteOnDiskRollout'] as const;

/** Must run before the app is ready. A list given on the command line is kept and added to. */
export function pinFeatures(commandLine: Pick<CommandLine, 'appendSwitch' | 'getSwitchValue'>): void {
  const given = commandLine.getSwitchValue('disable-features').split(',').filter(Boolean);
  commandLine.appendSwitch('disable-features', [...new Set([...given, ...PINNED_OFF])].join(','));
}
