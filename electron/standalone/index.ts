import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { profileFolder } from '../adapters/node/paths.ts';
import type { EnrolmentOffer } from '../core/boot/first-enrolment.ts';
import { runStandalone } from './run-standalone.ts';

/** The whole program may take this long to end after it was told to, milliseconds. */
const STOP_LIMIT_MS = 5_000;

/** For the launcher, which keeps the server's data in the same place. */
export function profileOf(asked: string | null): string {
  const { env, platform } = process;
  return profileFolder({ asked: asked ?? undefined, env, platform, home: homedir() });
}

/**
 * The plain-Node shell as a process: signals, the terminal, the places of a built checkout. Called by the launcher,
 * which also starts the server, or run by itself as `node out/standalone/index.js`.
 * @returns the exit code
 */
export async function startStandalone(
  args: readonly string[],
  startServer?: () => Promise<EnrolmentOffer | null>,
): Promise<number> {
  const here = import.meta.dirname;
  const root = resolve(here, '../..');
  const stop = new AbortController();
  const end = (): void => {
    // The second Ctrl+C means now.
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return runStandalone(args, {
    env: process.env,
    platform: process.platform,
    home: homedir(),
    root: process.getuid?.() === 0,
    version,
    files: resolve(here, '../renderer'),
    resources: join(root, 'resources'),
    signal: stop.signal,
    say: (line) => console.log(line),
    createCore: async (parts) => {
      const { createMachine } = await import('./machine.ts');
      return createMachine(parts, {
        device: join(here, 'device-host.js'),
        photo: join(here, 'photo-host.js'),
        print: join(here, 'print-host.js'),
      });
    },
    ...(startServer ? { startServer } : {}),
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exit(await startStandalone(process.argv.slice(2)));
