import { app, BrowserWindow, dialog, ipcMain, Menu, powerMonitor, protocol, session } from 'electron';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createSystemClock } from '../adapters/node/clock.ts';
import { createFileLog } from '../adapters/node/log.ts';
import { prepareFolders, profileFolder, type ShellFolders } from '../adapters/node/paths.ts';
import { lockProfile } from '../adapters/node/profile-lock.ts';
import { parseStartOptions } from '../adapters/node/start-options.ts';
import { startCore } from '../core/boot/start-core.ts';
import { startSentences } from '../core/boot/start-sentences.ts';
import { pinFeatures } from './chromium-features.ts';
import { askForServer, type LauncherChannel } from './embedded-offer.ts';
import { createMachine } from './machine.ts';
import { openMainWindow, showWindow } from './main-window.ts';
import { guardNavigation } from './navigation.ts';
import { guardPermissions } from './permissions.ts';
import { orderQuit } from './quit-order.ts';
import { pushEvents, serveRpc } from './rpc.ts';
import { registerWindowScheme, serveWindow } from './window-protocol.ts';

/**
 * The Electron shell, as a list of what happens in which order. What must happen before the app is ready stands at
 * the top level and waits for nothing, because Electron does not wait for it.
 */
const out = import.meta.dirname;
const resources = app.isPackaged ? join(process.resourcesPath, 'resources') : join(out, '../../resources');
const files = {
  preload: join(out, '../preload/index.cjs'),
  packaged: app.isPackaged,
  icon: process.platform === 'linux' ? join(resources, 'icons', 'icon.png') : null,
};
const parsed = parseStartOptions(process.argv.slice(1), false);
const profile = profileFolder({
  asked: parsed.ok ? (parsed.options.profile ?? undefined) : undefined,
  env: process.env,
  platform: process.platform,
  home: homedir(),
});

app.enableSandbox();
Menu.setApplicationMenu(null);
pinFeatures(app.commandLine);
registerWindowScheme(protocol);
app.setPath('userData', join(profile, 'window', 'electron'));

if (!parsed.ok) giveUp(parsed.sentence, 2);
else if (app.requestSingleInstanceLock()) void boot(parsed.options.server, parsed.options.code);
else giveUp(startSentences.alreadyRunning, 0);

async function boot(server: string | null, code: string | null): Promise<void> {
  let folders: ShellFolders;
  try {
    folders = prepareFolders(profile, resources);
  } catch (error) {
    giveUp(startSentences.profileNotWritable(error instanceof Error ? error.message : profile), 1);
    return;
  }
  // Electron's own lock knows nothing of a plain shell on the same profile; this one does.
  const lock = await lockProfile(profile);
  if (!lock.held) {
    if (lock.shown) giveUp(startSentences.alreadyRunning, 0);
    else giveUp(startSentences.profileHeld(profile), 1);
    return;
  }
  const clock = createSystemClock();
  const log = createFileLog({ folder: folders.logs, clock, debug: Boolean(process.env['ZONGCHUANG_DEBUG']) });
  process.on('uncaughtException', (error) => log.write('error', 'process', 'uncaught exception', { error }));
  process.on('unhandledRejection', (reason) =>
    log.write('error', 'process', 'unhandled rejection', { reason }),
  );
  guardNavigation(app, log);
  await app.whenReady();

  guardPermissions(session.defaultSession);
  serveWindow(protocol, join(out, '../renderer'));
  const core = createMachine(
    { folders, clock, log, version: app.getVersion() },
    {
      device: join(out, 'device-host.js'),
      photo: join(out, 'photo-host.js'),
      print: join(out, 'print-host.js'),
    },
  );
  const launcher = process as unknown as LauncherChannel;
  const stop = new AbortController();
  const handlers = startCore({
    core,
    clock,
    log,
    signal: stop.signal,
    offer: server === null ? askForServer(launcher) : Promise.resolve({ server, code }),
    listener: {
      onStartFailed: (failure) => dialog.showErrorBox('综窗', startSentences.startFailed(failure)),
      onEnrolment(result) {
        const sentence = startSentences.enrolment(result);
        if (sentence !== null) console.log(sentence);
      },
      onWaiting: (silent) => console.log(startSentences.serverSilent(silent)),
    },
  });
  // Before the window: its first call must find somebody.
  serveRpc(ipcMain, handlers, log);
  const endEvents = pushEvents(core, () =>
    BrowserWindow.getAllWindows().map(({ webContents }) => webContents),
  );
  const window = openMainWindow(files, clock, log);
  const show = (): void => showWindow(window);
  app.on('second-instance', show);
  lock.onShow(show);

  const quit = orderQuit(
    app,
    async () => {
      stop.abort();
      endEvents();
      await core.stop();
      lock.release();
      await log.flush();
    },
    clock,
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, quit);
  powerMonitor.on('shutdown', quit);
  window.on('session-end', quit);
  // The launcher holds the server of a first start; without it this program would stand alone in the background.
  if (launcher.connected) launcher.on('disconnect', quit);
}

function giveUp(sentence: string, code: number): void {
  // Somebody who double-clicked an icon has no terminal.
  if (app.isPackaged && code !== 0) dialog.showErrorBox('综窗', sentence);
  console.log(sentence);
  app.exit(code);
}
