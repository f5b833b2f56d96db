import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  headText,
  MAX_PUSH_BYTES,
  MAX_PUSH_EVENTS,
  type Limits,
  type PushRequest,
} from '../../../shared/sync/messages.ts';
import type { Journal } from '../journal/journal.ts';
import type { Batch } from '../journal/selection.ts';
import type { DeviceKey } from './device-key.ts';

/** Below this a body is sent as it is, bytes. */
const GZIP_FROM = 16_384;
const compress = promisify(gzip);

/** A batch and the body that carries it. */
export interface Ready {
  batch: Batch;
  sent: string | Uint8Array;
}

/** Makes signed batches that the server takes at once: the size it names, less after it found one too large. */
export function createPushBatches(ports: {
  journal: Journal;
  key: DeviceKey;
  hall: () => string;
  plain: () => boolean;
  limits: () => Limits;
}): {
  /** @param ahead the batch after this one, although it is not acknowledged yet */
  next(ahead?: { inc: string; seq: number }): Promise<Ready | null>;
  /** The server found this one too large. @returns whether there is a smaller one */
  smaller(ready: Ready): boolean;
  /** A batch was taken: the next may be larger again. */
  larger(): void;
} {
  const { journal, key } = ports;
  let most = MAX_PUSH_EVENTS;

  async function next(ahead?: { inc: string; seq: number }): Promise<Ready | null> {
    const limits = ports.limits();
    const maxBytes = Math.min(limits.bytes, MAX_PUSH_BYTES);
    for (let events = Math.min(most, limits.events, MAX_PUSH_EVENTS); ;) {
      const batch = await journal.unsent({ maxEvents: Math.max(1, events), maxBytes }, ahead);
      if (!batch) return null;
      const text = JSON.stringify(signed(batch));
      const single = batch.events.length === 1;
      if (single || Buffer.byteLength(text) <= maxBytes) return { batch, sent: await packed(text, limits) };
      // Escaping made it longer than its events are.
      events = Math.floor(batch.events.length / 2);
    }
  }

  /** Vouches for the last event, and by the chain for all before it; kept at the server for whoever holds them. */
  function signed({ inc, from, events }: Batch): PushRequest {
    const seq = from + events.length - 1;
    const hash = events.at(-1)?.hash ?? '';
    const signature = key.sign(headText({ hall: ports.hall(), dev: key.dev, inc, seq, hash }));
    return { dev: key.dev, inc, from, events, signature };
  }

  async function packed(text: string, limits: Limits): Promise<string | Uint8Array> {
    if (!limits.gzip || text.length < GZIP_FROM || ports.plain()) return text;
    return compress(text, { level: 1 });
  }

  return {
    next,
    smaller({ batch }) {
      if (batch.events.length <= 1) return false;
      most = Math.max(1, Math.floor(batch.events.length / 2));
      return true;
    },
    larger() {
      most = Math.min(MAX_PUSH_EVENTS, most * 2);
    },
  };
}
