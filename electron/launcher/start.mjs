// `npm start`: from a fresh checkout to an open counter. Plain JavaScript on Node alone: it runs before anything is
// installed or built, and does as little as it can when everything is.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBrowser } from './browser.mjs';
import { ensureBuilt } from './build.mjs';
import { fetchElectron, findElectron, lastTried } from './electron-binary.mjs';
import { embeddedPort, startEmbeddedServer } from './embedded-server.mjs';
import { ensureInstalled } from './install.mjs';
import { HELP, readOptions } from './options.mjs';
import { watchParent } from './parent-watch.mjs';
import { root } from './root.mjs';

const say = (line) => console.log(line);

async function main() {
  const read = readOptions(process.argv.slice(2), process.env);
  if (!read.ok) {
    say(read.sentence);
    return 2;
  }
  const { options } = read;
  if (options.help) {
    say(HELP);
    return 0;
  }
  await ensureInstalled();
  const electron = await chooseElectron(options);
  await ensureBuilt(['renderer', 'standalone', 'server', ...(electron ? ['electron'] : [])]);
  const plain = await import(pathToFileURL(join(root, 'out/standalone/index.js')).href);
  const profile = plain.profileOf(options.profile);
  if (options.window && !electron) await ensureBrowser({ install: options.apt && hasDisplay() });

  const port = embeddedPort(options, profile);
  let server = null;
  // Called by the shell when the profile is its own: a second start must not touch the server of the first.
  const startServer = () => {
    server ??= startEmbeddedServer({ profile, port, say });
    return server.offer;
  };
  const stopServer = () => server?.stop();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stopServer);
  try {
    return await runShell(options, profile, electron, plain, port === null ? undefined : startServer);
  } finally {
    await stopServer();
  }
}

async function runShell(options, profile, electron, plain, startServer) {
  const args = [
    ['--profile', profile],
    ...(options.server ? [['--server', options.server]] : []),
    ...(options.code ? [['--code', options.code]] : []),
  ].map(([name, value]) => `${name}=${value}`);
  if (electron) {
    const { runElectron } = await import('./electron-shell.mjs');
    const ended = await runElectron({
      electron,
      args,
      startServer: startServer ?? (() => Promise.resolve(null)),
      onStop: (stop) => ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach((signal) => process.once(signal, stop)),
    });
    if (!ended.couldNotRun || options.shell === 'electron') return ended.code;
    say(
      `Electron 无法在本机运行(退出码 ${ended.code}),改在浏览器中打开。 Electron cannot run here (exit ${ended.code}); opening in a browser instead.`,
    );
    await ensureBrowser({ install: options.apt && hasDisplay() });
  }
  args.push(`--port=${options.port}`, ...(options.window ? [] : ['--no-window']));
  return plain.startStandalone(args, startServer);
}

/** @returns the binary to use, or null for the plain shell; what was decided is said in one line when it is news */
async function chooseElectron(options) {
  if (options.shell === 'plain' || !options.window || !hasDisplay()) return null;
  const found = findElectron();
  if (found !== null) return found;
  const asked = options.shell === 'electron';
  const tried = lastTried();
  if (!asked && tried === 'lately') return null;
  if (!asked && tried === 'long-ago') {
    void fetchElectron({ waiting: false }).then(({ path }) => {
      if (path !== null)
        say('Electron 已取得,下次启动时使用。 Electron has been fetched and is used from the next start on.');
    });
    return null;
  }
  say('正在获取 Electron(最多 20 秒)… Fetching Electron (at most 20 seconds)…');
  // Meanwhile the parts that are needed in any case are built.
  const [{ path, reason }] = await Promise.all([
    fetchElectron({ waiting: true }),
    ensureBuilt(['renderer', 'standalone', 'server']),
  ]);
  if (path === null) {
    say(
      `未取得 Electron(${reason}),改在 Chromium、Chrome 或 Edge 中打开同一程序。 Electron could not be fetched; opening the same program in Chromium, Chrome or Edge.`,
    );
  }
  return path;
}

function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

watchParent(() => process.kill(process.pid, 'SIGTERM'));
try {
  process.exit(await main());
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
