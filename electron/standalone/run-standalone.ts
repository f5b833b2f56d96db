import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createSystemClock } from '../adapters/node/clock.ts';
import { createFileLog } from '../adapters/node/log.ts';
import { prepareFolders, profileFolder, type ShellFolders } from '../adapters/node/paths.ts';
import { lockProfile } from '../adapters/node/profile-lock.ts';
import { parseStartOptions } from '../adapters/node/start-options.ts';
import { startLoopbackServer } from './loopback-server.ts';
import { sentences } from './sentences.ts';
import { serveMachine } from './serve-machine.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * The plain-Node shell from start to end: switches, folders, lock and port, then {@link serveMachine}.
 * @returns the exit code: 0 ended in order or a running instance took over, 1 cannot run, 2 wrong switches
 */
export async function runStandalone(args: readonly string[], around: Surroundings): Promise<number> {
  const { env, version } = around;
  const refuse = (code: number, sentence: string): number => {
    around.say(sentence);
    return code;
  };
  const parsed = parseStartOptions(args, true);
  if (!parsed.ok) return refuse(2, parsed.sentence);
  const { options } = parsed;
  if (!existsSync(join(around.files, 'index.html'))) return refuse(1, sentences.notBuilt);

  const profile = profileFolder({ ...around, asked: options.profile ?? undefined });
  let folders: ShellFolders;
  try {
    folders = prepareFolders(profile, around.resources);
  } catch (error) {
    return refuse(1, sentences.profileNotWritable(error instanceof Error ? error.message : profile));
  }
  // Keys sealed through Electron by the system's keyring; see adapters/electron/secrets.ts.
  if (readdirSync(folders.secrets).some((name) => name.endsWith('.safe'))) {
    return refuse(1, sentences.profileOfElectron(profile));
  }
  const lock = await lockProfile(profile);
  if (!lock.held)
    return lock.shown ? refuse(0, sentences.alreadyRunning) : refuse(1, sentences.profileHeld(profile));

  const clock = createSystemClock();
  const log = createFileLog({ folder: folders.logs, clock, debug: Boolean(env['ZONGCHUANG_DEBUG']) });
  // A promise nobody looked after is a fault of ours, and no reason to take the window from the clerk.
  const onLost = (reason: unknown): void => log.write('error', 'process', 'unhandled rejection', { reason });
  process.on('unhandledRejection', onLost);
  try {
    const server = await startLoopbackServer({ files: around.files, port: options.port, clock, log });
    await serveMachine(server, options, { folders, clock, log, env, version }, around, (run) =>
      lock.onShow(run),
    );
    return 0;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' || code === 'EACCES') return refuse(1, sentences.portTaken(options.port));
    log.write('error', 'start', 'the program ended unexpectedly', { error });
    return refuse(1, sentences.startFailed('INTERNAL'));
  } finally {
    process.off('unhandledRejection', onLost);
    lock.release();
    await log.flush();
  }
}
