import type { DonatedEvent, WantedRange } from '../../../shared/contract/central.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { Output, ParsedInput } from '../../../shared/contract/index.ts';
import { donateAnswer, MAX_PUSH_BYTES, wantAnswer } from '../../../shared/sync/messages.ts';
import type { LogPort } from '../ports/log.ts';
import { TRANSFER_LIMIT_MS, type Session } from './session.ts';

/** Giving a restored server back what it lost, whoever made it (sync.md `want`/`donate`). */
export interface Donation {
  want(input: ParsedInput<'central.want'>): Promise<{ want: WantedRange[] }>;
  /**
   * What the server can use of a stretch. A stretch it cannot use (another branch stands there, nothing in it is
   * signed, it follows nothing that is there) is an answer with `taken` 0, not an error: the next stretch may do.
   */
  donate(input: ParsedInput<'central.donate'>): Promise<Output<'central.donate'>>;
}

export function createDonation(ports: { session: Session; log: LogPort }): Donation {
  const { session, log } = ports;
  return {
    async want({ heads }) {
      const answer = await session.call({
        method: 'POST',
        path: '/want',
        body: { heads },
        schema: wantAnswer,
        timeoutMs: TRANSFER_LIMIT_MS,
      });
      // A server that does not know the question wants nothing.
      if (!answer.ok && answer.refusal.error === 'not-found') return { want: [] };
      if (!answer.ok) throw new CodedError('CENTRAL_BAD_ANSWER', `want: ${answer.refusal.error}`);
      return answer.value;
    },
    async donate({ dev, inc, events }) {
      const answer = await session.call({
        method: 'POST',
        path: '/donate',
        body: { dev, inc, events: provenPart(events) },
        schema: donateAnswer,
        timeoutMs: TRANSFER_LIMIT_MS,
      });
      if (answer.ok) return { taken: answer.value.taken, upTo: answer.value.upTo };
      const { error, expected, seq, message } = answer.refusal;
      log.write('warning', 'central', 'donation not taken', { dev, inc, error, message });
      if (error === 'gap' && expected !== undefined) return { taken: 0, upTo: expected - 1 };
      if (error === 'fork' && seq !== undefined) return { taken: 0, upTo: seq - 1 };
      return { taken: 0, upTo: 0 };
    },
  };
}

/** The longest beginning that ends in a signature and fits one request; the rest comes in the next one. */
function provenPart(events: readonly DonatedEvent[]): DonatedEvent[] {
  let [size, end] = [0, 0];
  for (const [i, event] of events.entries()) {
    size += Buffer.byteLength(JSON.stringify(event)) + 1;
    if (size > MAX_PUSH_BYTES && end > 0) break;
    if (event.sig !== undefined) end = i + 1;
  }
  return events.slice(0, end === 0 ? events.length : end);
}
