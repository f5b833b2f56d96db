import { CodedError } from '../../../shared/contract/errors.ts';
import {
  MAX_PUSH_BYTES,
  MAX_PUSH_EVENTS,
  pushAnswer,
  type PushAnswer,
  type PushRequest,
  type Refusal,
} from '../../../shared/sync/messages.ts';
import type { Journal } from '../journal/journal.ts';
import type { Batch } from '../journal/selection.ts';
import type { LogPort } from '../ports/log.ts';
import { TRANSFER_LIMIT_MS, type Session } from './session.ts';

/** Each answer that is not an acknowledgement changes something; after so many in one call the line is given a rest. */
const MOST_TRIES = 12;

/** Sends what the journal still has to send, one acknowledged batch a call. */
export function createPush(ports: {
  session: Session;
  journal: Journal;
  dev: string;
  log: LogPort;
  onFork: () => void;
}): () => Promise<void> {
  const { session, journal, log } = ports;
  let limit = MAX_PUSH_EVENTS;

  function taken(batch: Batch, answer: PushAnswer): void {
    const { upTo, hash, epoch } = answer;
    const known = batch.events[upTo - batch.from];
    if (upTo < batch.from || (known && known.hash !== hash)) {
      throw new CodedError('CENTRAL_BAD_ANSWER', 'push: acknowledgement does not fit');
    }
    journal.heardEpoch(epoch);
    journal.acknowledge(batch.inc, upTo);
    for (const { seq, note } of answer.notes) log.write('info', 'central', 'note to event', { seq, note });
  }

  async function gap(batch: Batch, expected: number): Promise<void> {
    if (expected < 1 || expected === batch.from)
      throw new CodedError('CENTRAL_BAD_ANSWER', 'gap where there is none');
    log.write('warning', 'central', 'server expects another sequence', {
      inc: batch.inc,
      from: batch.from,
      expected,
    });
    if (expected > batch.from || journal.holds(batch.inc, expected))
      journal.acknowledge(batch.inc, expected - 1);
    // What the server waits for was lost here: nothing behind it can ever be taken in this incarnation.
    else await strand(batch.inc, batch.from);
  }

  async function fork(batch: Batch, seq: number, hash: string): Promise<void> {
    const held = journal.holds(batch.inc, seq);
    const [own] = held ? (await journal.read({ inc: batch.inc, after: seq - 1, limit: 1 })).events : [];
    if (own?.hash === hash || seq >= batch.from + batch.events.length) {
      throw new CodedError('CENTRAL_BAD_ANSWER', 'fork where there is none');
    }
    ports.onFork();
    await strand(batch.inc, held ? seq : batch.from);
  }

  async function strand(inc: string, from: number): Promise<void> {
    await journal.strand(inc, from);
    // The session was for the incarnation before.
    session.close();
  }

  async function refused(batch: Batch, refusal: Refusal): Promise<void> {
    if (refusal.error === 'gap' && refusal.expected !== undefined) return gap(batch, refusal.expected);
    if (refusal.error === 'fork' && refusal.seq !== undefined)
      return fork(batch, refusal.seq, refusal.hash ?? '');
    if (refusal.error === 'too-large' && batch.events.length > 1) {
      limit = Math.max(1, Math.floor(batch.events.length / 2));
      return;
    }
    throw new CodedError('CENTRAL_BAD_ANSWER', `push: ${refusal.error}`);
  }

  /** @returns the batch and its request, never longer than the protocol allows */
  async function next(): Promise<{ batch: Batch; body: PushRequest } | null> {
    for (let events = limit; ; events = Math.floor(events / 2)) {
      const batch = await journal.unsent({ maxEvents: Math.max(1, events), maxBytes: MAX_PUSH_BYTES });
      if (!batch) return null;
      const body: PushRequest = { dev: ports.dev, inc: batch.inc, from: batch.from, events: batch.events };
      if (batch.events.length === 1 || Buffer.byteLength(JSON.stringify(body)) <= MAX_PUSH_BYTES)
        return { batch, body };
      events = batch.events.length;
    }
  }

  return async () => {
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const ready = await next();
      if (!ready) return;
      const answer = await session.call({
        method: 'POST',
        path: '/push',
        body: ready.body,
        schema: pushAnswer,
        timeoutMs: TRANSFER_LIMIT_MS,
      });
      if (answer.ok) {
        taken(ready.batch, answer.value);
        limit = Math.min(MAX_PUSH_EVENTS, limit * 2);
        return;
      }
      await refused(ready.batch, answer.refusal);
    }
    throw new CodedError('CENTRAL_BAD_ANSWER', 'push does not come to rest');
  };
}
