import type { Events, Input, Output } from '../../../shared/contract/index.ts';
import type { EventName, MethodName } from '../../../shared/contract/names.ts';
import type { Reply } from '../../../shared/contract/wire.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { Bridge } from './bridge.ts';
import { limitOf, valueOf } from './reply.ts';

/** What the preload puts on the page. */
export interface PreloadApi {
  call(name: MethodName, input: unknown): Promise<Reply>;
  on(name: EventName, listener: (payload: unknown) => void): () => void;
}

declare global {
  interface Window {
    /** Absent in the plain shell. */
    zongchuang?: PreloadApi;
  }
}

/** The contract over Electron's IPC. There is no connection to lose: the main process outlives the page. */
export function createElectronBridge(api: PreloadApi): Bridge {
  return {
    async call<M extends MethodName>(name: M, input: Input<M>): Promise<Output<M>> {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const limit = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new CodedError('WIRE_TIMEOUT', name)), limitOf(name));
      });
      try {
        return valueOf(await Promise.race([api.call(name, input), limit])) as Output<M>;
      } finally {
        clearTimeout(timer);
      }
    },
    on<E extends EventName>(name: E, listener: (payload: Events[E]) => void) {
      return api.on(name, (payload) => listener(payload as Events[E]));
    },
    onConnection: () => () => undefined,
  };
}
