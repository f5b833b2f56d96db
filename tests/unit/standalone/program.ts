import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { CodedError, type ErrorCode } from '../../../shared/contract/errors.ts';
import { runStandalone } from '../../../electron/standalone/run-standalone.ts';
import type { Surroundings } from '../../../electron/standalone/surroundings.ts';
import { fakeCore } from '../../fixtures/fake-core.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

export interface ProgramOptions {
  profile?: string;
  args?: string[];
  /** How the fake browser behaves; without it there is no display. */
  browser?: string;
  startFails?: ErrorCode;
  /** The core's start waits for it. */
  startAfter?: Promise<void>;
  startServer?: Surroundings['startServer'];
}

/** The whole plain shell with a fake core in this process. Stopped when the test ends. */
export function startProgram(options: ProgramOptions = {}) {
  const folder = temporaryFolder();
  const files = join(folder, 'window');
  mkdirSync(files);
  writeFileSync(join(files, 'index.html'), '<!doctype html>');
  const profile = options.profile ?? join(folder, 'profile');
  const journal = join(folder, 'browser-journal');
  writeFileSync(journal, '');
  const said: string[] = [];
  const stop = new AbortController();
  const fake = fakeCore();
  fake.core.start = async () => {
    await options.startAfter;
    if (options.startFails) throw new CodedError(options.startFails);
  };
  fake.core.handlers['central.status'] = () =>
    Promise.resolve({ server: null, state: 'unset', lastAnswerAt: null, acknowledgedSeq: 0 });
  const stopped = vi.spyOn(fake.core, 'stop');
  const before = { ...process.env };
  process.env['FAKE_BROWSER'] = options.browser ?? '';
  process.env['FAKE_BROWSER_JOURNAL'] = journal;
  onTestFinished(() => {
    process.env = before;
  });
  const exit = runStandalone([`--profile=${profile}`, '--port=0', ...(options.args ?? [])], {
    env:
      options.browser === undefined
        ? {}
        : {
            DISPLAY: ':0',
            ZONGCHUANG_BROWSER: resolve(import.meta.dirname, '../../fixtures/fake-browser.mjs'),
          },
    platform: 'linux',
    home: folder,
    root: true,
    version: '0.0.0',
    files,
    resources: folder,
    signal: stop.signal,
    say: (line) => void said.push(line),
    createCore: () => Promise.resolve(fake.core),
    ...(options.startServer ? { startServer: options.startServer } : {}),
  });
  onTestFinished(async () => {
    stop.abort();
    await exit;
  });
  return {
    profile,
    said,
    exit,
    fake,
    stopped,
    stop: () => stop.abort(),
    browser: (): string[] => readFileSync(journal, 'utf8').split('\n').filter(Boolean),
    /** The address on the ready line. */
    async ready(): Promise<string> {
      const line = await vi.waitUntil(() => said.find((text) => text.includes(' ready: ')), {
        timeout: 5_000,
      });
      return line.split(' ready: ')[1]!;
    },
  };
}
