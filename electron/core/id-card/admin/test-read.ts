import type { ErrorCode } from '../../../../shared/contract/errors.ts';
import type { ReaderState } from '../../../../shared/contract/card.ts';
import type { TestRead } from '../../../../shared/contract/reader.ts';
import type { ClockPort } from '../../ports/clock.ts';
import type { BorrowedRead, CardReader } from '../card-reader.ts';
import { isLasting } from '../reader-supervisor.ts';
import type { FrameLog } from './frame-log.ts';
import { maskedFields } from './masked-fields.ts';

/**
 * Reads the next card for an admin: masked, and unheard by the counter. A card that lies there already is read
 * again where the reader can drop its field, else it has to be lifted.
 * @param givenUp ends it before its time, as if nobody had come
 * @returns always, within `limitMs`; a failure is an outcome
 * @throws CodedError ID_CARD_READER_BUSY when another test read is running
 */
export async function testRead(
  ports: { reader: Pick<CardReader, 'status' | 'onState' | 'borrow'>; frames: FrameLog; clock: ClockPort },
  limitMs: number,
  givenUp: AbortSignal,
): Promise<TestRead> {
  const { reader, frames, clock } = ports;
  let end: (result: TestRead) => void = () => undefined;
  const ended = new Promise<TestRead>((resolve) => (end = resolve));
  const giveUp = (): void => end(failed('ID_CARD_TIMEOUT'));
  givenUp.addEventListener('abort', giveUp, { once: true });
  const endings = [
    () => givenUp.removeEventListener('abort', giveUp),
    reader.borrow((read) => end(described(read, foundAt(frames)))),
    reader.onState((state) => {
      const failure = failureIn(state);
      if (failure) end(failed(failure));
    }),
    clock.after(limitMs, () =>
      end(failed((reader.status().error as ErrorCode | undefined) ?? 'ID_CARD_TIMEOUT')),
    ),
  ];
  // A card that could not be read before the admin asked gets its chance; a reader that does not work gets none.
  const now = reader.status();
  if (now.phase === 'absent' || isLasting(now.error as ErrorCode | undefined))
    end(failed(failureIn(now) ?? 'ID_CARD_READER_MISSING'));
  try {
    return await ended;
  } finally {
    for (const ending of endings) ending();
  }
}

function failureIn({ phase, error }: ReaderState): ErrorCode | null {
  if (phase === 'absent') return 'ID_CARD_READER_MISSING';
  return phase === 'error' ? ((error as ErrorCode | undefined) ?? 'ID_CARD_READER_FAILED') : null;
}

function failed(outcome: ErrorCode): TestRead {
  return { outcome, document: [], warnings: [], photoBytes: 0, readMs: 0 };
}

function described(read: BorrowedRead, found: number | null): TestRead {
  const { document, photoBytes, lastByteAt } = read;
  return {
    outcome: 'read',
    document: maskedFields(document),
    warnings: [...document.warnings],
    photoBytes,
    readMs: found === null ? 0 : Math.max(0, Math.round(lastByteAt - found)),
  };
}

/** When the card that has just been read was found, wall clock. */
function foundAt(frames: FrameLog): number | null {
  return (
    frames
      .since(0)
      .findLast(
        ({ command, direction, status }) => command === 'find' && direction === 'in' && status === '9F',
      )?.at ?? null
  );
}
