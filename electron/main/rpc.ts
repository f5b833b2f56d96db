import type { IpcMain, WebContents } from 'electron';
import type { Handlers } from '../../shared/contract/index.ts';
import { dispatch, type Reply } from '../../shared/contract/wire.ts';
import type { Core } from '../core/core.ts';
import type { LogPort } from '../core/ports/log.ts';
import { isWindowAddress } from './window-address.ts';

/** The little of a frame that says who speaks. */
export interface SpeakingFrame {
  origin: string;
  /** null for a page's main frame. */
  parent: unknown;
  detached: boolean;
}

/** Only the main frame of our own page may speak. The frame is null when it has gone away meanwhile. */
export function maySpeak(frame: SpeakingFrame | null): boolean {
  return frame !== null && !frame.detached && frame.parent === null && isWindowAddress(frame.origin);
}

/** The contract over Electron's IPC: one channel, answered with the envelope. */
export function serveRpc(ipcMain: Pick<IpcMain, 'handle'>, handlers: Handlers, log: LogPort): void {
  ipcMain.handle('rpc', async (event, name: unknown, input: unknown): Promise<Reply> => {
    if (!maySpeak(event.senderFrame) || typeof name !== 'string') {
      log.write('warning', 'wire', 'a foreign frame spoke', {
        frame: event.senderFrame === null ? 'gone' : 'foreign',
      });
      throw new Error('refused');
    }
    return dispatch(handlers, name, input, (method, error) =>
      log.write('error', 'wire', `${method} failed unexpectedly`, { error }),
    );
  });
}

/**
 * Tells every window of ours what the core says; a page that has been led astray hears nothing.
 * @returns ends it
 */
export function pushEvents(core: Pick<Core, 'subscribe'>, windows: () => WebContents[]): () => void {
  return core.subscribe((name, payload) => {
    for (const contents of windows()) {
      if (!contents.isDestroyed() && isWindowAddress(contents.getURL()))
        contents.send('event', name, payload);
    }
  });
}
