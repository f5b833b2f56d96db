import { contextBridge, ipcRenderer } from 'electron';
import { EVENT_NAMES, METHOD_NAMES, type EventName, type MethodName } from '../../shared/contract/names.ts';

const methods: ReadonlySet<unknown> = new Set(METHOD_NAMES);
const events: ReadonlySet<unknown> = new Set(EVENT_NAMES);

/**
 * All that the page can reach outside itself: ask by a name of the contract, hear by a name of the contract. Names are
 * checked here although the main process checks them again, so that the page can send to no other channel; and
 * listeners get the payload alone, because Electron's event object would hand out the sender.
 */
contextBridge.exposeInMainWorld('zongchuang', {
  call(name: MethodName, input: unknown): Promise<unknown> {
    if (!methods.has(name)) return Promise.resolve({ ok: false, error: { code: 'WIRE_UNKNOWN_METHOD' } });
    return ipcRenderer.invoke('rpc', name, input);
  },
  on(name: EventName, listener: (payload: unknown) => void): () => void {
    if (!events.has(name)) return () => undefined;
    const hear = (_event: unknown, said: unknown, payload: unknown): void => {
      if (said === name) listener(payload);
    };
    ipcRenderer.on('event', hear);
    return () => void ipcRenderer.removeListener('event', hear);
  },
});
