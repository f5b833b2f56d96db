import type { Bridge } from './bridge.ts';
import { createElectronBridge } from './electron.ts';
import { openSession } from './session.ts';
import { createWebSocketBridge } from './websocket.ts';

/** The bridge of the shell this page runs in: Electron's preload when it is there, the loopback WebSocket otherwise. */
export async function openBridge(): Promise<Bridge> {
  if (window.zongchuang) return createElectronBridge(window.zongchuang);
  const { location, history } = window;
  await openSession({ location, history, fetch: (path, init) => fetch(path, init) });
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return createWebSocketBridge({ url: `${scheme}://${location.host}/ws` });
}
