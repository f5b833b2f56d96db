import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { createSystemClock } from '../../../../electron/adapters/node/clock.ts';
import type { ReaderDevicePort } from '../../../../electron/core/ports/reader-device.ts';
import type { CardAround } from '../../../../electron/standalone/card/around.ts';
import { readArguments, runCard } from '../../../../electron/standalone/card/run-card.ts';
import { wordsOf, type Language, type Words } from '../../../../electron/standalone/card/words.ts';

export const root = resolve(import.meta.dirname, '../../../..');
const messages = (language: Language): unknown =>
  JSON.parse(readFileSync(join(root, 'renderer/src/messages', `${language}.json`), 'utf8'));
export const words = (language: Language): Words => wordsOf(language, messages(language));

export interface Outcome {
  code: number;
  /** Standard output and standard error. */
  out: string;
  err: string;
}

/** The command line without a process: real clock, real simulator, and whatever devices the test attaches. */
export function terminal(
  around: Partial<Omit<CardAround, 'words' | 'devices'>> & { devices?: ReaderDevicePort } = {},
) {
  const profile = mkdtempSync(join(tmpdir(), 'zc-card-'));
  mkdirSync(join(profile, 'readers'));
  onTestFinished(() => rmSync(profile, { recursive: true, force: true }));
  const run = async (...args: string[]): Promise<Outcome> => {
    const parsed = readArguments(args);
    if (!parsed.ok) return { code: 2, out: '', err: parsed.reason };
    const lines: { out: string[]; err: string[] } = { out: [], err: [] };
    const devices = around.devices ?? {
      list: () => Promise.resolve([]),
      open: () => Promise.reject(new Error('no devices')),
    };
    const code = await runCard(
      parsed.arguments,
      {
        words: words(parsed.language),
        clock: createSystemClock(),
        log: { write: () => undefined },
        resources: join(root, 'resources'),
        profile,
        say: (line) => lines.out.push(line),
        tell: (line) => lines.err.push(line),
        confirm: null,
        stdin: () => Promise.resolve(new Uint8Array()),
        isRunning: () => Promise.resolve(false),
        signal: new AbortController().signal,
        ...around,
        devices: () => devices,
      },
      words(parsed.language === 'en' ? 'zh-CN' : 'en'),
    );
    return { code, out: lines.out.join('\n'), err: lines.err.join('\n') };
  };
  return { run, profile };
}
