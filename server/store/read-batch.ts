import type { EventBytes } from '../../shared/contract/journal.ts';
import { readEvent, type KeptEvent } from '../../shared/sync/event.ts';
import type { IncarnationKey } from './append.ts';
import { nativeHashText } from './native-hash.ts';

/** The envelope lies about where it comes from or what it follows. Content is never judged here (S6). */
export interface Lie {
  kind: 'lie';
  seq: number;
  reason: string;
}

/** Checks every envelope against its incarnation and the chain; the first fault refuses the whole batch. */
export function readBatch(
  key: IncarnationKey,
  from: number,
  events: readonly EventBytes[],
): KeptEvent[] | Lie {
  const kept: KeptEvent[] = [];
  for (const [index, { bytes, hash }] of events.entries()) {
    const seq = from + index;
    const read = readEvent(bytes, hash, nativeHashText);
    if (!read.ok) return { kind: 'lie', seq, reason: read.fault };
    const { event } = read.kept;
    if (event.hall !== key.hall) return { kind: 'lie', seq, reason: 'hall' };
    if (event.dev !== key.dev) return { kind: 'lie', seq, reason: 'dev' };
    if (event.inc !== key.inc) return { kind: 'lie', seq, reason: 'inc' };
    if (event.seq !== seq) return { kind: 'lie', seq, reason: 'seq' };
    const before = kept.at(-1);
    if (before && event.prev !== before.hash) return { kind: 'lie', seq, reason: 'prev' };
    kept.push(read.kept);
  }
  return kept;
}
