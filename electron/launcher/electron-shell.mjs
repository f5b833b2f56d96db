// Runs the built program in Electron, as a child of the launcher.
import { spawn } from 'node:child_process';
import { root } from './root.mjs';

/** Ending with an error sooner than this, Electron could not run here at all (a missing library, no sandbox). */
const QUICK_MS = 5_000;

/**
 * @param {{electron: string, args: string[], startServer: () => Promise<object|null>, onStop: (stop: () => void) => void}} options
 * @returns {Promise<{code: number, couldNotRun: boolean}>}
 */
export function runElectron({ electron, args, startServer, onStop }) {
  const began = Date.now();
  // Chromium refuses to run as root with its sandbox.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const env = { ...process.env };
  delete env.ELECTRON_RUN_AS_NODE;
  const child = spawn(electron, [...sandbox, root, ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
  });
  onStop(() => child.kill('SIGTERM'));
  child.on('message', async (message) => {
    if (message?.type !== 'start-server') return;
    const offer = await startServer();
    if (child.connected) child.send({ type: 'offer', offer }, () => undefined);
  });
  return new Promise((resolve) => {
    const end = (code) =>
      resolve({ code: code ?? 1, couldNotRun: code !== 0 && code !== 2 && Date.now() - began < QUICK_MS });
    child.once('exit', end);
    child.once('error', () => end(127));
  });
}
