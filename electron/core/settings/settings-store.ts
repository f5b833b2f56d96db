import { join } from 'node:path';
import { CodedError } from '../../../shared/contract/errors.ts';
import { settingsSchema, type Settings, type SettingsChange } from '../../../shared/contract/settings.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import { readIfThere, setAside, writeDurably } from './durable-file.ts';

export interface SettingsView {
  settings: Settings;
  /** Settings the machine policy decides, as `printer.mode`; a change of them here has no effect. */
  fromPolicy: string[];
}

export interface SettingsStore {
  readonly notices: readonly string[];
  read(): SettingsView;
  /** Replaces the keys that are there, each whole. @throws CodedError PROFILE_NOT_WRITABLE */
  write(change: SettingsChange): Promise<SettingsView>;
}

/** @returns where the admin's policy for all users of this machine lies */
export function machinePolicyPath(
  platform: NodeJS.Platform,
  env: Record<string, string | undefined>,
): string {
  if (platform === 'win32') return join(env['ProgramData'] ?? 'C:\\ProgramData', 'zongchuang', 'policy.json');
  return '/etc/zongchuang/policy.json';
}

type Loose = Record<string, unknown>;
/** Taken from the schema: a setting that is not among them would be forgotten at the next start. */
const NAMES = Object.keys(settingsSchema.shape) as (keyof Settings)[];

/**
 * Settings of this machine: what the program ships < what a person chose < what the machine policy says. Only what a
 * person chose is written, so that a later default or policy takes effect. A file that cannot be read never stops
 * the program: it is kept under another name and the rest counts.
 */
export async function openSettings(ports: {
  path: string;
  policyPath: string;
  clock: ClockPort;
  log: LogPort;
}): Promise<SettingsStore> {
  const { path, clock, log } = ports;
  const notices: string[] = [];
  const policy = await readPolicy();
  let chosen = await readChosen();
  let view = combine();

  async function readChosen(): Promise<SettingsChange> {
    const text = await readIfThere(path);
    if (text === null) return {};
    const { valid, bad } = sift(parseObject(text));
    if (bad.length > 0) {
      log.write('warning', 'settings', 'unreadable settings put aside', { parts: bad });
      notices.push('settings-corrupt');
      try {
        await setAside(path, clock.now());
        await writeDurably(path, JSON.stringify(valid, null, 2));
      } catch (error) {
        log.write('error', 'settings', 'settings could not be put right', { reason: String(error) });
      }
    }
    return valid;
  }

  async function readPolicy(): Promise<Loose> {
    try {
      const text = await readIfThere(ports.policyPath);
      const value = text === null ? {} : parseObject(text);
      if (value) return value;
    } catch (error) {
      log.write('warning', 'settings', 'policy cannot be read', { reason: String(error) });
    }
    notices.push('policy-unreadable');
    return {};
  }

  function combine(): SettingsView {
    const settings = settingsSchema.parse(chosen);
    const fromPolicy: string[] = [];
    for (const name of NAMES) {
      if (!(name in policy)) continue;
      const merged = isObject(policy[name])
        ? { ...(settings[name] as Loose), ...policy[name] }
        : policy[name];
      const read = settingsSchema.safeParse({ ...settings, [name]: merged });
      if (!read.success) {
        log.write('warning', 'settings', 'policy is not valid', { part: name });
        if (!notices.includes('policy-unreadable')) notices.push('policy-unreadable');
        continue;
      }
      Object.assign(settings, { [name]: read.data[name] });
      fromPolicy.push(
        ...(isObject(policy[name]) ? Object.keys(policy[name]).map((key) => `${name}.${key}`) : [name]),
      );
    }
    return { settings, fromPolicy };
  }

  return {
    notices,
    read: () => view,
    async write(change) {
      const next = { ...chosen, ...change };
      try {
        await writeDurably(path, JSON.stringify(next, null, 2));
      } catch (error) {
        throw new CodedError('PROFILE_NOT_WRITABLE', 'settings', { cause: error });
      }
      chosen = next;
      view = combine();
      return view;
    },
  };
}

const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @returns the object in a JSON text, null when there is none; a mark at the start, as Windows editors leave it, is passed over */
function parseObject(text: string): Loose | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Keeps each setting that is valid by itself, and names those that are not. */
function sift(found: Loose | null): { valid: SettingsChange; bad: string[] } {
  if (!found) return { valid: {}, bad: ['(file)'] };
  const valid: SettingsChange = {};
  const bad: string[] = [];
  for (const name of NAMES) {
    if (!(name in found)) continue;
    const read = settingsSchema.safeParse({ [name]: found[name] });
    if (read.success) Object.assign(valid, { [name]: read.data[name] });
    else bad.push(name);
  }
  return { valid, bad };
}
