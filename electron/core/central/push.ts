import { CodedError } from '../../../shared/contract/errors.ts';
import { pushAnswer, type PushAnswer, type Refusal } from '../../../shared/sync/messages.ts';
import type { Journal } from '../journal/journal.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import type { DeviceKey } from './device-key.ts';
import { createPushBatches, type Ready } from './push-batches.ts';
import { TRANSFER_LIMIT_MS, type Session } from './session.ts';

/** Each answer that is not an acknowledgement changes something; after so many in one call the line is given a rest. */
const MOST_TRIES = 12;
/** One call sends batches back to back for so long, milliseconds: well under its own time limit. */
const CALL_MS = 2_000;

/** Sends what the journal still has to send. While one batch is on its way the next is read and signed. */
export function createPush(ports: {
  session: Session;
  journal: Journal;
  key: DeviceKey;
  hall: () => string;
  /** Whether the server is on this machine: nothing is compressed then. */
  plain: () => boolean;
  clock: ClockPort;
  log: LogPort;
  onFork: () => void;
}): () => Promise<void> {
  const { session, journal, clock, log } = ports;
  const batches = createPushBatches({ ...ports, limits: () => session.limits() });

  function taken({ batch }: Ready, answer: PushAnswer): void {
    const { upTo, hash, epoch } = answer;
    const known = batch.events[upTo - batch.from];
    if (upTo < batch.from || (known && known.hash !== hash)) {
      throw new CodedError('CENTRAL_BAD_ANSWER', 'push: acknowledgement does not fit');
    }
    journal.heardEpoch(epoch);
    journal.acknowledge(batch.inc, upTo);
    for (const { seq, note } of answer.notes) log.write('info', 'central', 'note to event', { seq, note });
  }

  async function gap({ batch }: Ready, expected: number): Promise<void> {
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

  async function fork({ batch }: Ready, seq: number, hash: string): Promise<void> {
    const held = journal.holds(batch.inc, seq);
    const [own] = held ? (await journal.read({ inc: batch.inc, after: seq - 1, limit: 1 })).events : [];
    if (own?.hash === hash || seq >= batch.from + batch.events.length) {
      throw new CodedError('CENTRAL_BAD_ANSWER', 'fork where there is none');
    }
    if (held && seq < batch.from) {
      // The server's end of this branch is not ours, and where the two parted lies somewhere before it: a copy of this
      // PC has been there. From the first event on, the server finds the place.
      journal.forgetAcknowledged();
      return;
    }
    ports.onFork();
    await strand(batch.inc, held ? seq : batch.from);
  }

  async function strand(inc: string, from: number): Promise<void> {
    await journal.strand(inc, from);
    // The session was for the incarnation before.
    session.close();
  }

  async function refused(ready: Ready, refusal: Refusal): Promise<void> {
    if (refusal.error === 'gap' && refusal.expected !== undefined) return gap(ready, refusal.expected);
    if (refusal.error === 'fork' && refusal.seq !== undefined)
      return fork(ready, refusal.seq, refusal.hash ?? '');
    if (refusal.error === 'too-large' && batches.smaller(ready)) return;
    throw new CodedError('CENTRAL_BAD_ANSWER', `push: ${refusal.error}`);
  }

  return async () => {
    const until = clock.monotonic() + CALL_MS;
    let refusals = 0;
    for (let ready = await batches.next(); ready;) {
      const { batch, sent } = ready;
      // Failing to prepare the next one says nothing about this one; it is found out again in its own turn.
      const ahead = batches.next({ inc: batch.inc, seq: batch.from + batch.events.length - 1 });
      ahead.catch(() => undefined);
      const answer = await session.call({
        method: 'POST',
        path: '/push',
        sent,
        schema: pushAnswer,
        timeoutMs: TRANSFER_LIMIT_MS,
      });
      if (answer.ok) {
        taken(ready, answer.value);
        batches.larger();
        const whole = answer.value.upTo === batch.from + batch.events.length - 1;
        if (clock.monotonic() >= until) return;
        ready = whole ? await ahead : await batches.next();
        continue;
      }
      if (++refusals >= MOST_TRIES) throw new CodedError('CENTRAL_BAD_ANSWER', 'push does not come to rest');
      await refused(ready, answer.refusal);
      ready = await batches.next();
    }
  };
}
