// The central server that `npm start` brings up beside the window when no other is named.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, closeSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

/** After kill -9 the last one may need a moment to let go of its port and its data. */
const RETRIES = 10;
const RETRY_MS = 1_000;
/** A server that runs this long was healthy; one that dies sooner is not started for ever. */
const HEALTHY_MS = 60_000;
/** Longest wait for it to stop by itself; the whole program ends within five seconds. */
const STOP_LIMIT_MS = 4_000;
const LOG_LIMIT = 5 * 1024 * 1024;

/**
 * Where this device is enrolled, as the core wrote it down.
 * @returns address of its server, or null
 */
export function enrolledServer(profile) {
  try {
    return JSON.parse(readFileSync(join(profile, 'device.json'), 'utf8')).server ?? null;
  } catch {
    return null;
  }
}

/**
 * Decides whether a server is started here, and on which port. A device enrolled at the server of its own profile finds
 * it where it was; a device enrolled elsewhere needs none.
 * @returns the port, or null
 */
export function embeddedPort({ server, serverPort, port }, profile) {
  if (server !== null) return null;
  const enrolled = enrolledServer(profile);
  if (enrolled !== null) {
    const { hostname, port: enrolledPort } = new URL(enrolled);
    const ours = hostname === '127.0.0.1' && existsSync(join(profile, 'server'));
    return ours ? Number(enrolledPort) : null;
  }
  return serverPort ?? (port === 0 ? 0 : port + 1);
}

/**
 * Starts the server as a child and keeps it running.
 * @param {{profile: string, port: number, say: (line: string) => void}} options
 * @returns {{offer: Promise<{server: string, code: string|null}|null>, stop: () => Promise<void>}} the offer is null when
 *   the server could not be started; why has been said then
 */
export function startEmbeddedServer({ profile, port, say }) {
  let child = null;
  let stopping = false;
  let timer;
  let began = 0;
  let gone = Promise.resolve();
  let failures = 0;
  let offered;
  const offer = new Promise((resolve) => (offered = resolve));

  function launch() {
    began = Date.now();
    const log = openLog(profile);
    child = spawn(
      process.execPath,
      [
        join(root, 'out/server/index.js'),
        'serve',
        '--data',
        join(profile, 'server'),
        '--port',
        String(port),
        '--demo',
      ],
      {
        stdio: ['ignore', log, log, 'ipc'],
        // Ctrl+C in the terminal is ours to handle; the child ends when the channel to it closes, however that happens.
        detached: process.platform !== 'win32',
        windowsHide: true,
      },
    );
    closeSync(log);
    let sentence = '本机服务器意外停止。 The local server ended unexpectedly.';
    child.on('message', (word) => {
      if (word.type === 'ready') {
        failures = 0;
        offered({ server: word.url, code: word.code ?? null });
      }
      if (word.type === 'failed') sentence = word.sentence;
    });
    gone = new Promise((resolve) => {
      const end = () => {
        resolve();
        if (!stopping) again(sentence);
      };
      child.once('exit', end);
      child.once('error', end);
    });
  }

  function again(sentence) {
    child = null;
    if (Date.now() - began > HEALTHY_MS) failures = 0;
    failures += 1;
    if (failures > RETRIES) {
      say(sentence);
      offered(null);
      return;
    }
    timer = setTimeout(launch, RETRY_MS);
  }

  launch();
  return {
    offer,
    async stop() {
      if (!stopping) {
        stopping = true;
        clearTimeout(timer);
        offered(null);
        if (child?.connected) child.disconnect();
        const running = child;
        setTimeout(() => running?.kill('SIGKILL'), STOP_LIMIT_MS).unref();
      }
      await gone;
    },
  };
}

/** Its own words go to a file beside the program's log; the terminal is for people. */
function openLog(profile) {
  const folder = join(profile, 'logs');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'server.log');
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT)
    renameSync(file, join(folder, 'server.1.log'));
  return openSync(file, 'a', 0o600);
}
