import type { IpcMain, WebContents } from 'electron';
import { vi } from 'vitest';
import { EVENT_NAMES, type EventName, type MethodName } from '../../shared/contract/names.ts';
import type { Reply } from '../../shared/contract/wire.ts';
import { pushEvents, serveRpc } from '../../electron/main/rpc.ts';
import { electron, FakeWindow, resetWorld, world } from '../fixtures/fake-electron.ts';
import { contractSuite } from './contract-suite.ts';

vi.mock('electron', async () => (await import('../fixtures/fake-electron.ts')).electron);

interface Exposed {
  call(name: MethodName, input: unknown): Promise<Reply>;
  on(name: EventName, listener: (payload: unknown) => void): () => void;
}

// Preload, bridge, IPC and sender check together, as they stand in the program.
contractSuite('Electron’s IPC', async (core, log) => {
  resetWorld();
  // Runs once, as in a page: what it put on the page stays there.
  await import('../../electron/preload/index.ts');
  const page = world.exposed.get('zongchuang') as Exposed;
  const window = new FakeWindow({});
  serveRpc(electron.ipcMain as unknown as IpcMain, core.handlers, log);
  const endEvents = pushEvents(core, () => [window.webContents as unknown as WebContents]);
  return {
    call: (name, input) => page.call(name as MethodName, input),
    onEvent(listener) {
      for (const name of EVENT_NAMES) page.on(name, (payload) => listener(name, payload));
    },
    close() {
      endEvents();
      return Promise.resolve();
    },
  };
});
