import { connect } from 'node:net';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { forkDeviceHost } from '../../adapters/device-host/host-processes.ts';
import { createSystemClock } from '../../adapters/node/clock.ts';
import { createDeviceHost } from '../../adapters/node/device-host.ts';
import { profileFolder } from '../../adapters/node/paths.ts';
import { lockAddress } from '../../adapters/node/profile-lock.ts';
import { maskText } from '../../../shared/domain/masking/mask.ts';
import type { LogPort } from '../../core/ports/log.ts';
import { EXIT } from './around.ts';
import { readArguments, runCard } from './run-card.ts';
import { loadMessages, wordsOf, type Language, type Words } from './words.ts';

/** After Ctrl+C the reader is closed in order; what hangs longer is left behind, milliseconds. */
const STOP_LIMIT_MS = 4000;
const ASK_LIMIT_MS = 1000;

/**
 * `npm run card`: the card reader from the command line, with the same logic and device host as the program.
 * @returns the exit code
 */
export async function startCard(args: readonly string[]): Promise<number> {
  const { env, platform } = process;
  const here = import.meta.dirname;
  const root = resolve(here, '../..');
  const words = (language: Language): Words => wordsOf(language, loadMessages(root, language));
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  const parsed = readArguments(args);
  if (!parsed.ok) {
    tell(words('zh-CN').own.usage(parsed.reason));
    tell(words('en').own.usage(parsed.reason));
    return EXIT.usage;
  }
  const { language } = parsed;
  const profile = profileFolder({ asked: parsed.data ?? undefined, env, platform, home: homedir() });
  const clock = createSystemClock();
  const log = logTo(env['ZONGCHUANG_DEBUG'] ? tell : null);
  const stop = new AbortController();
  const end = (): void => {
    // The second Ctrl+C means now.
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    stop.abort();
    setTimeout(() => process.exit(EXIT.interrupted), STOP_LIMIT_MS).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  // Whoever read the results has gone (`| head`): the device is closed and nothing more is said.
  process.stdout.on('error', () => stop.abort());
  const host: { now: ReturnType<typeof createDeviceHost> | null } = { now: null };
  try {
    return await runCard(
      parsed.arguments,
      {
        words: words(language),
        clock,
        log,
        resources: join(root, 'resources'),
        profile,
        say: (line) => void process.stdout.write(`${line}\n`),
        tell,
        confirm: process.stdin.isTTY && process.stderr.isTTY ? confirm : null,
        stdin,
        devices: () =>
          (host.now ??= createDeviceHost({
            spawn: () => forkDeviceHost(join(here, 'device-host.js')),
            clock,
            log,
          })),
        isRunning: () => isRunning(profile),
        signal: stop.signal,
      },
      words(language === 'en' ? 'zh-CN' : 'en'),
    );
  } catch (error) {
    tell(words(language).own.unexpected(error instanceof Error ? error.message : String(error)));
    return EXIT.failed;
  } finally {
    await host.now?.close();
    // A pipe may take its bytes later than they were written.
    await new Promise<void>((done) => process.stdout.write('', () => done()));
  }
}

/** Warnings and errors only where somebody asked for them: what matters to the person is said in sentences. */
function logTo(tell: ((line: string) => void) | null): LogPort {
  return {
    write(level, area, text, data) {
      if (tell)
        tell(maskText(`[${level}] ${area}: ${text} ${data === undefined ? '' : JSON.stringify(data)}`));
    },
  };
}

async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^(y|yes|是)$/i.test((await terminal.question(question)).trim());
  } catch {
    // Ctrl+C or Ctrl+D at the question is no yes.
    return false;
  } finally {
    terminal.close();
  }
}

async function stdin(): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  for await (const piece of process.stdin) pieces.push(Buffer.from(piece as Buffer));
  return Buffer.concat(pieces);
}

/** Somebody listens at the profile's lock: the program runs. It is not asked to show its window. */
function isRunning(profile: string): Promise<boolean> {
  if (!existsSync(profile)) return Promise.resolve(false);
  return new Promise((resolved) => {
    const socket = connect(lockAddress(profile));
    const finish = (running: boolean): void => {
      socket.destroy();
      resolved(running);
    };
    socket.setTimeout(ASK_LIMIT_MS, () => finish(true));
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(await startCard(process.argv.slice(2)));
