/**
 * Chromium features switched off. Translate would send page text away. The two Idb features are Chromium's
 * SQLite back end for IndexedDB: a change of back end deletes the other one's data, so LevelDB is pinned until
 * a release moves deliberately.
 */
export const DISABLED_FEATURES = [
  'Translate',
  'IdbSqliteBackingStore',
  'IdbSqliteOnDiskRollout',
  'MediaRouter',
  'OptimizationHints',
] as const;

export interface BrowserFlagOptions {
  /** The invitation of the loopback server. */
  address: string;
  /** The browser's own profile; never the person's everyday one. */
  userData: string;
  /** Root cannot have Chromium's sandbox; everybody else keeps it. */
  root: boolean;
}

/** Command line of the browser as the window: no chrome around the page, no network of its own. */
export function browserFlags({ address, userData, root }: BrowserFlagOptions): string[] {
  return [
    `--app=${address}`,
    `--user-data-dir=${userData}`,
    `--disable-features=${DISABLED_FEATURES.join(',')}`,
    // The browser's life hangs on this pipe: when the program dies, however it dies, the window goes with it.
    '--remote-debugging-pipe',
    '--window-size=1366,768',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-default-apps',
    '--disable-breakpad',
    '--disable-session-crashed-bubble',
    '--hide-crash-restore-bubble',
    '--password-store=basic',
    '--use-mock-keychain',
    ...(root ? ['--no-sandbox', '--test-type'] : []),
  ];
}
