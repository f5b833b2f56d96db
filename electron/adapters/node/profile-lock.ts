import { createHash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** How long the program that holds the profile may take to answer, milliseconds. */
const ANSWER_LIMIT_MS = 3_000;
const SHOW = 'zongchuang show\n';
const SHOWN = 'zongchuang shown\n';

/**
 * One running program per profile. The lock is a listening local socket (abstract on Linux, a named pipe on
 * Windows): the system itself lets go of it when the process ends, kill -9 and crashes included, and binding
 * is atomic, so there is no stale file to judge. The same socket takes the one request a second start has.
 */
export type ProfileLock =
  | {
      held: true;
      /** Called when another start asks for the window. */ onShow(run: () => void): void;
      release(): void;
    }
  | { held: false; /** Whether the running program answered and showed its window. */ shown: boolean };

/** @param profile an existing folder */
export async function lockProfile(profile: string): Promise<ProfileLock> {
  const address = lockAddress(profile);
  for (const lastTry of [false, true]) {
    const server = await listen(address);
    if (server) return holding(server);
    const answer = await ask(address);
    if (answer === 'nobody' && !lastTry) {
      // Only a socket that is a file can outlive its owner (macOS).
      if (!address.startsWith('\0') && !address.startsWith('\\\\')) rmSync(address, { force: true });
      continue;
    }
    return { held: false, shown: answer === 'shown' };
  }
  return { held: false, shown: false };
}

/** The lock's place: derived from the profile and the user, because two users may name the same folder. */
export function lockAddress(profile: string, platform: NodeJS.Platform = process.platform): string {
  const key = `${realpathSync(profile)}\n${userInfo().username}`;
  const name = `zongchuang-${createHash('sha256').update(key).digest('hex').slice(0, 24)}`;
  if (platform === 'win32') return `\\\\.\\pipe\\${name}`;
  if (platform === 'linux') return `\0${name}`;
  return join(tmpdir(), `${name}.sock`);
}

function listen(address: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(null);
      else reject(error);
    });
    server.listen(address, () => resolve(server));
  });
}

function holding(server: Server): ProfileLock {
  let show: (() => void) | null = null;
  let wanted = false;
  server.removeAllListeners('error');
  server.on('error', () => undefined);
  server.on('connection', (socket) => {
    socket.setTimeout(ANSWER_LIMIT_MS, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.once('data', (asked) => {
      if (asked.toString() === SHOW) {
        // A start so early that the window is not there yet is answered too: the window is coming.
        if (show) show();
        else wanted = true;
        socket.end(SHOWN);
      } else socket.destroy();
    });
  });
  // The lock must not keep the process alive by itself.
  server.unref();
  return {
    held: true,
    onShow(run) {
      show = run;
      if (wanted) run();
      wanted = false;
    },
    release: () => void server.close(),
  };
}

function ask(address: string): Promise<'shown' | 'silent' | 'nobody'> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const finish = (answer: 'shown' | 'silent' | 'nobody'): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_LIMIT_MS, () => finish('silent'));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      finish(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? 'nobody' : 'silent'),
    );
    socket.once('connect', () => socket.write(SHOW));
    socket.once('data', (answer) => finish(answer.toString() === SHOWN ? 'shown' : 'silent'));
    socket.once('close', () => finish('silent'));
  });
}
