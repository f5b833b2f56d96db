import type { ReaderBus } from '../../../../shared/contract/reader.ts';

/** The setting `reader.profile` taken apart: a profile, alone or on one device, port or library. */
export interface ReaderSetting {
  /** '' any reader that is known; 'probe' every way of talking on one device. */
  profile: string;
  /** USB ids `vvvv:pppp`, a path, or ''. */
  target: string;
}

/** Never throws; what cannot be understood is a profile that does not exist. */
export function parseReaderSetting(setting: string | undefined): ReaderSetting {
  const text = setting?.trim() ?? '';
  const at = text.indexOf('@');
  return at < 0
    ? { profile: text, target: '' }
    : { profile: text.slice(0, at), target: text.slice(at + 1).trim() };
}

/** @returns undefined for "any reader that is known": then the setting is left out */
export function formatReaderSetting({ profile, target }: ReaderSetting): string | undefined {
  const on = target.trim();
  if (profile === '') return undefined;
  return on === '' ? profile : `${profile}@${on}`;
}

/** What has to be said before this choice can work, as the end of a message key; '' when nothing is missing. */
export function missingFrom({ profile, target }: ReaderSetting, bus: ReaderBus | undefined): string {
  const on = target.trim();
  if (on === '') {
    if (bus === 'serial') return 'needsPort';
    if (bus === 'library') return 'needsLibrary';
    // The general ones name no device, so that nothing is ever written to one by chance.
    return profile === 'probe' || profile.startsWith('generic-') ? 'needsDevice' : '';
  }
  // A relative path would be looked for in whatever folder the program was started from.
  if (bus === 'library' && !/^(?:[A-Za-z]:[\\/]|\/)/.test(on)) return 'needsFullPath';
  return '';
}
