import type { Readable, Writable } from 'node:stream';

/** The few commands the shell gives its browser, over Chromium's debugging pipe (NUL-terminated JSON). */
export interface DevtoolsPipe {
  /** Brings the window to the front. */
  show(): void;
  /** Ends the browser in order, so that it writes its store out. */
  closeBrowser(): void;
}

export interface DevtoolsListener {
  onPage(): void;
  /** No window is left: the person closed it. */
  onLastPageClosed(): void;
  /** The page's process died; the window is there but dead. */
  onPageCrashed(): void;
}

/** @param toBrowser the child's file descriptor 3 @param fromBrowser its file descriptor 4 */
export function openDevtoolsPipe(
  toBrowser: Writable,
  fromBrowser: Readable,
  listener: DevtoolsListener,
): DevtoolsPipe {
  const pages = new Set<string>();
  let lastId = 0;
  let unread = '';
  const send = (method: string, params: Record<string, unknown> = {}): void => {
    lastId += 1;
    if (toBrowser.writable) toBrowser.write(`${JSON.stringify({ id: lastId, method, params })}\0`);
  };
  const hear = (text: string): void => {
    const { method, params } = JSON.parse(text) as {
      method?: string;
      params?: { targetId?: string; targetInfo?: { targetId: string; type: string } };
    };
    if (method === 'Target.targetCreated' && params?.targetInfo?.type === 'page') {
      pages.add(params.targetInfo.targetId);
      listener.onPage();
    } else if (method === 'Target.targetDestroyed' && pages.delete(params?.targetId ?? '')) {
      if (pages.size === 0) listener.onLastPageClosed();
    } else if (method === 'Target.targetCrashed' && pages.has(params?.targetId ?? ''))
      listener.onPageCrashed();
  };
  // The pipe breaks when the browser ends; its exit is what counts, and is heard elsewhere.
  toBrowser.on('error', () => undefined);
  fromBrowser.on('error', () => undefined);
  fromBrowser.setEncoding('utf8');
  fromBrowser.on('data', (chunk: string) => {
    const texts = (unread + chunk).split('\0');
    unread = texts.pop() ?? '';
    texts.forEach(hear);
  });
  send('Target.setDiscoverTargets', { discover: true });
  return {
    show() {
      for (const targetId of pages) send('Target.activateTarget', { targetId });
    },
    closeBrowser: () => send('Browser.close'),
  };
}
