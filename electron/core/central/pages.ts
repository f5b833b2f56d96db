import { createHash } from 'node:crypto';
import type { PulledEvent } from '../../../shared/contract/central.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { Output } from '../../../shared/contract/index.ts';
import { pullAnswer, snapshotAnswer } from '../../../shared/sync/messages.ts';
import { randomHex, type RandomPort } from '../ports/random.ts';
import { TRANSFER_LIMIT_MS, type Session } from './session.ts';

/** Pages of the hall's stream, forwards and backwards. */
export interface Pages {
  pull(input: { since: number; limit: number }): Promise<Output<'central.pull'>>;
  snapshot(input: { before: number; limit: number }): Promise<Output<'central.snapshot'>>;
}

/** @param onHead told of every page that came: whose word it is and how far the hall is */
export function createPages(
  ports: { session: Session; random: RandomPort },
  onHead: (epoch: string, head: number) => void,
): Pages {
  const { session, random } = ports;
  // The last part differs each time, so that no proxy can answer from its memory.
  const nonce = (): string => `n=${randomHex(random, 4)}`;
  return {
    async pull({ since, limit }) {
      const answer = await session.call({
        method: 'GET',
        path: `/pull?since=${since}&limit=${limit}&${nonce()}`,
        schema: pullAnswer,
        timeoutMs: TRANSFER_LIMIT_MS,
      });
      if (!answer.ok) throw new CodedError('CENTRAL_BAD_ANSWER', `pull: ${answer.refusal.error}`);
      const { events, head, epoch } = answer.value;
      assertWhole('pull', events, since + 1, limit);
      onHead(epoch, head);
      return answer.value;
    },
    async snapshot({ before, limit }) {
      const answer = await session.call({
        method: 'GET',
        path: `/snapshot?before=${before}&limit=${limit}&${nonce()}`,
        schema: snapshotAnswer,
        timeoutMs: TRANSFER_LIMIT_MS,
      });
      if (!answer.ok) throw new CodedError('CENTRAL_BAD_ANSWER', `snapshot: ${answer.refusal.error}`);
      const { events, head, epoch } = answer.value;
      // A page that is empty although something stands before the cursor would end the filling too early.
      const known = Math.min(before - 1, head);
      if (events.length === 0 && known > 0)
        throw new CodedError('CENTRAL_BAD_ANSWER', 'snapshot: page is empty');
      assertWhole('snapshot', events, known - events.length + 1, limit);
      onHead(epoch, head);
      return answer.value;
    },
  };
}

/** As shared/sync/hash.ts, by Node's own: a new PC checks years of events. */
const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** S1: cursors have no gaps. A page that has one was put together wrongly on the way. */
function assertWhole(call: string, events: readonly PulledEvent[], first: number, limit: number): void {
  const whole =
    events.length <= limit &&
    events.every(({ cursor, bytes, hash }, i) => cursor === first + i && sha256(bytes) === hash);
  if (!whole) throw new CodedError('CENTRAL_BAD_ANSWER', `${call}: page is not whole`);
}
