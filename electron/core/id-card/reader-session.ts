import { CodedError } from '../../../shared/contract/errors.ts';
import type { ErrorCode } from '../../../shared/contract/errors.ts';
import type { ReaderState } from '../../../shared/contract/card.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import type { AttemptResult, AttemptWishes } from './card-attempt.ts';
import { attemptCard } from './card-attempt.ts';
import type { ReaderProfile } from './reader-profile.ts';
import type { SamLink } from './sam-link.ts';
import { isBearable } from './sam-link.ts';
import type { StatusKind } from './sam-status.ts';
import { samStatus } from './sam-status.ts';
import { wait } from './wait.ts';

/** Between two looks for a card, and between two looks whether it still lies there. */
export const POLL_MS = 200;
/** A card still lying there so long after its reading: the citizen is reminded to take it. */
const REMIND_AFTER_MS = 3000;
/** An error stays on the screen at least so long, unless another card is tried. */
const HOLD_ERROR_MS = 8000;
/** A card that could not be read and still answers is tried again so often, without a word. */
const TRY_AGAIN_MS = 1000;
/** Where nothing tells whether a read card still lies there: so many looks in a row that find none, and it is gone. */
const LOOKS_WITHOUT_CARD = 3;
/** So many senseless answers in a row and the device is opened anew. */
const ODD_ANSWERS = 5;

export interface SessionPorts extends AttemptWishes {
  sam: SamLink;
  profile: ReaderProfile;
  clock: ClockPort;
  log: LogPort;
  signal: AbortSignal;
  /** Says where the card is. */
  enter: (phase: ReaderState['phase'], error?: ErrorCode) => void;
  /** One card read to the end. */
  deliver(result: Extract<AttemptResult, { outcome: 'read' }>): void;
  /** Whether the card that has been read is to be read once more without being lifted; asked at every look. */
  readAgain(): boolean;
  /** The connection before broke in mid-read: a reader with power of its own may hold the card halted. */
  interrupted: boolean;
  /** The delivered card was seen again, or is certain to have been lifted. */
  note(seen: 'still-there' | 'lifted'): void;
}

/**
 * The life of cards on one connected reader, until the signal ends it: look for a card, read it, wait until
 * it is lifted. Returns when the signal is aborted.
 * @throws CodedError when the reader has to be opened anew (ID_CARD_READER_FAILED) or refuses to work
 */
export async function runReaderSession(ports: SessionPorts): Promise<void> {
  const { sam, profile, clock, log, signal, enter } = ports;
  await sam.start();
  if (ports.interrupted) {
    await sam.dropField().catch((error: unknown) => {
      if (!isBearable(error)) throw error;
    });
  }
  if (profile.maxRfBytes !== undefined) await sam.ask('setMaxRf');
  log.write('info', 'id-card', 'reader connected', {
    profile: profile.id,
    sam: (await sam.identity()) ?? 'unknown',
  });
  enter('waiting');
  const poll = createFindPoll(sam);
  /** A card that could not be read lies there. */
  let failedCard = false;
  let holdUntil = 0;
  /** How often no card must still be found until the one that was read is taken for lifted. */
  let looksLeft = 0;
  /** Whether this reader has said of a card that it lies there; only then does its saying the contrary prove anything. */
  let tellsPresence = false;

  while (!signal.aborted) {
    const found = await poll();
    if (found === 'card') {
      if (!failedCard) enter('reading');
      const result = await attemptCard(ports);
      if (result.outcome === 'read') {
        failedCard = false;
        ports.deliver(result);
        tellsPresence ||= profile.presence === 'appended' && result.knowsAppended;
        tellsPresence ||= (await cardIsThere(ports)) === 'there';
        await untilLifted(ports, tellsPresence);
        looksLeft = tellsPresence ? 0 : LOOKS_WITHOUT_CARD;
        holdUntil = 0;
      } else {
        log.write('warning', 'id-card', 'the card was not read', {
          error: result.error,
          detail: result.detail,
        });
        holdUntil = clock.monotonic() + HOLD_ERROR_MS;
        // Taken away while it was tried once more: why it could not be read is what the clerk has to know.
        const takenAway: boolean = failedCard && result.error === 'ID_CARD_LIFTED';
        if (!takenAway) enter('error', result.error);
        failedCard = !takenAway;
        await wait(clock, TRY_AGAIN_MS, signal);
      }
      continue;
    }
    if (found === 'none') {
      failedCard &&= (await cardIsThere(ports)) === 'there';
      if (looksLeft > 0 && --looksLeft === 0) ports.note('lifted');
      if (!failedCard && looksLeft === 0 && clock.monotonic() >= holdUntil) enter('waiting');
    }
    await wait(clock, POLL_MS, signal);
  }
}

type FindResult = 'card' | 'none' | 'unclear';

/** `20 01` with a memory for what goes wrong several times in a row. */
function createFindPoll(sam: SamLink): () => Promise<FindResult> {
  let stumbles = 0;
  let odd = 0;
  return async () => {
    let sw3: number;
    try {
      ({ sw3 } = await sam.ask('find'));
    } catch (error) {
      odd += 1;
      if (!isBearable(error) || odd >= ODD_ANSWERS) throw asReaderFailure(error);
      return 'unclear';
    }
    const status = samStatus(sw3);
    if (status.kind === 'success' || status.kind === 'no-card') {
      stumbles = 0;
      odd = 0;
      return status.kind === 'success' ? 'card' : 'none';
    }
    if (status.kind === 'reader-refused') throw new CodedError(status.error, status.meaning);
    if (status.kind === 'reset') {
      stumbles += 1;
      if (stumbles >= 2) {
        stumbles = 0;
        await sam.reset();
      }
    }
    odd += 1;
    if (odd >= ODD_ANSWERS) throw new CodedError('ID_CARD_READER_FAILED', status.meaning);
    return 'unclear';
  };
}

/**
 * The card has been read and lies there: it would not be found again anyway, so its presence is asked for by
 * reading on. Returns when it is gone, when the signal ends, or when it cannot be told.
 * @param tellsPresence false: the reader does not know the command, and may find a card that lies there again and again
 */
async function untilLifted(ports: SessionPorts, tellsPresence: boolean): Promise<void> {
  const { clock, signal, enter } = ports;
  const readAt = clock.monotonic();
  let unclear = 0;
  while (await wait(clock, POLL_MS, signal)) {
    if (ports.readAgain()) {
      // Without the field the card starts afresh and is found like one that was just laid down.
      await ports.sam.dropField().catch((error: unknown) => {
        if (!isBearable(error)) throw error;
      });
      return;
    }
    const seen = await cardIsThere(ports);
    if (seen === 'gone' && !tellsPresence) return;
    if (seen === 'gone' || (seen === 'unclear' && ++unclear >= 2)) {
      if (seen === 'gone') ports.note('lifted');
      enter('waiting');
      return;
    }
    if (seen === 'there') {
      unclear = 0;
      ports.note('still-there');
    }
    if (clock.monotonic() - readAt >= REMIND_AFTER_MS) enter('lift');
  }
}

/** The SAM stumbles, is still testing itself or did not understand: a card that lies there lies there all the same. */
const SAYS_NOTHING_OF_THE_CARD: ReadonlySet<StatusKind> = new Set<StatusKind>([
  'reset',
  'resend',
  'reader-refused',
]);

/** `20 01` is no presence poll after a read: it answers "no card" for a card that lies there. */
async function cardIsThere({ sam, profile }: SessionPorts): Promise<'there' | 'gone' | 'unclear'> {
  try {
    const command = { appended: 'readAppended', management: 'readManagement', none: 'find' } as const;
    const { sw3, data } = await sam.ask(command[profile.presence]);
    data.fill(0);
    const { kind } = samStatus(sw3);
    if (kind === 'success') return 'there';
    return SAYS_NOTHING_OF_THE_CARD.has(kind) ? 'unclear' : 'gone';
  } catch (error) {
    if (isBearable(error)) return 'unclear';
    throw error;
  }
}

function asReaderFailure(error: unknown): unknown {
  if (!isBearable(error)) return error;
  return new CodedError('ID_CARD_READER_FAILED', error.message, { cause: error });
}
