import type { Events, Input, Output } from '../../../shared/contract/index.ts';
import type { EventName, MethodName } from '../../../shared/contract/names.ts';

/** Ends a subscription; calling it twice does no harm. */
export type Closer = () => void;

/** Whether the machine's services can be reached at all; nothing to do with the line to the server. */
export type Connection = 'up' | 'down';

/** The contract, whatever carries it. The window knows nothing else of the machine it runs on. */
export interface Bridge {
  /** Asks the machine. Rejects with a CodedError: the machine's own code, WIRE_TIMEOUT or WIRE_CLOSED. */
  call<M extends MethodName>(name: M, input: Input<M>): Promise<Output<M>>;
  /** Hears what the machine says unasked; goes on hearing after a broken connection was restored. */
  on<E extends EventName>(name: E, listener: (payload: Events[E]) => void): Closer;
  /** Told of each change; after 'up' whatever was said in between has to be asked for. */
  onConnection(listener: (state: Connection) => void): Closer;
}
