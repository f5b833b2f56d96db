import { CodedError } from '../../../shared/contract/errors.ts';
import type { ErrorCode } from '../../../shared/contract/errors.ts';
import { documentTypeOf } from '../../../shared/domain/card/text-layout.ts';
import type { LogPort } from '../ports/log.ts';
import type { CardPayload } from './card-payload.ts';
import { splitCardPayload } from './card-payload.ts';
import type { ReaderProfile } from './reader-profile.ts';
import type { SamLink } from './sam-link.ts';
import { isBearable } from './sam-link.ts';
import { samStatus } from './sam-status.ts';

/** Find, select and read are gone through at most so often while the card lies there. */
const ROUNDS = 3;
/** The appended address is worth a moment, not a wait: the card has been read by then. */
const APPENDED_LIMIT_MS = 400;

export type AttemptResult =
  | {
      outcome: 'read';
      payload: CardPayload;
      /** Data of the appended addresses, null when there are none or they could not be read. */
      appended: Uint8Array | null;
      /** Wall clock when the last byte of the card's data arrived. */
      lastByteAt: number;
    }
  | { outcome: 'failed'; error: ErrorCode; detail: string };

interface Failure {
  error: ErrorCode;
  detail: string;
  /** Trying again cannot help. */
  final: boolean;
  /** Lifting the card explains it. */
  mayBeLifted: boolean;
}

/**
 * Reads the card that has just been found: select, read, and once more from the start when something between
 * card and reader failed. A card that is gone meanwhile is ID_CARD_LIFTED.
 * @throws CodedError ID_CARD_READER_FAILED or ID_CARD_READER_NOT_AUTHORISED when the reader, not the card, failed
 */
export async function attemptCard(ports: {
  sam: SamLink;
  profile: ReaderProfile;
  log: LogPort;
  readLatestAddress: boolean;
}): Promise<AttemptResult> {
  const { sam, profile, log } = ports;
  let failure: Failure | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    if (failure) {
      log.write('info', 'id-card', 'reading the card again', {
        round,
        because: failure.error,
        detail: failure.detail,
      });
      const found = await findAgain(sam, failure);
      if (found !== 'found') return { outcome: 'failed', error: found, detail: failure.detail };
    }
    const result = await tolerant(() => selectAndRead(sam, profile));
    if (!('error' in result)) return withAddress(result, ports);
    if (result.final) return { outcome: 'failed', error: result.error, detail: result.detail };
    failure = result;
  }
  return {
    outcome: 'failed',
    error: failure?.error ?? 'ID_CARD_READER_FAILED',
    detail: failure?.detail ?? '',
  };
}

interface Base {
  payload: CardPayload;
  lastByteAt: number;
}

async function selectAndRead(sam: SamLink, profile: ReaderProfile): Promise<Base | Failure> {
  if (!profile.skipSelect) {
    const selected = await sam.ask('select');
    if (samStatus(selected.sw3).kind !== 'success') return failureOf(selected.sw3);
  }
  const reply = await sam.ask('readBase');
  if (samStatus(reply.sw3).kind !== 'success') return failureOf(reply.sw3);
  const payload = splitCardPayload(reply.data);
  reply.data.fill(0);
  if (payload) return { payload, lastByteAt: reply.lastByteAt };
  return { error: 'ID_CARD_BAD_FRAME', detail: 'lengths do not add up', final: false, mayBeLifted: false };
}

/** A card that stopped answering, or whose answer came damaged, may still lie there halted: the field is dropped once. */
async function findAgain(sam: SamLink, failure: Failure): Promise<'found' | ErrorCode> {
  let found = await tolerantFind(sam);
  if (found === 0x80 && !failure.mayBeLifted) {
    await tolerant(async () => {
      await sam.dropField();
      return {};
    });
    found = await tolerantFind(sam);
  }
  if (found === 0x9f) return 'found';
  if (found === 0x80 && failure.mayBeLifted) return 'ID_CARD_LIFTED';
  return failure.error;
}

async function tolerantFind(sam: SamLink): Promise<number | null> {
  const reply = await tolerant(() => sam.ask('find'));
  return 'sw3' in reply ? reply.sw3 : null;
}

/** One lost or damaged answer is a failed attempt; a reader that is gone or will not work is not ours to handle. */
async function tolerant<T extends object>(run: () => Promise<T>): Promise<T | Failure> {
  try {
    return await run();
  } catch (error) {
    if (!isBearable(error)) throw error;
    return { error: error.code, detail: error.message, final: false, mayBeLifted: false };
  }
}

function failureOf(sw3: number): Failure {
  const status = samStatus(sw3);
  const detail = `status ${sw3.toString(16).padStart(2, '0')}: ${status.meaning}`;
  if (status.kind === 'reader-refused') throw new CodedError(status.error, detail);
  return {
    error: status.error,
    detail,
    final: status.kind === 'card-refused',
    mayBeLifted: status.mayBeLifted,
  };
}

async function withAddress(
  base: Base,
  ports: { sam: SamLink; profile: ReaderProfile; readLatestAddress: boolean },
): Promise<AttemptResult> {
  const { payload, lastByteAt } = base;
  const type = documentTypeOf(
    String.fromCharCode((payload.text[248] ?? 0x20) | ((payload.text[249] ?? 0) << 8)),
  );
  const hasAddress = type === 'resident' || type === 'hmt';
  if (!ports.readLatestAddress || !ports.profile.readsAddress || !hasAddress) {
    return { outcome: 'read', payload, appended: null, lastByteAt };
  }
  const reply = await tolerant(() => ports.sam.ask('readAppended', { limitMs: APPENDED_LIMIT_MS })).catch(
    () => null,
  );
  const came = reply && 'sw3' in reply && samStatus(reply.sw3).kind === 'success' ? reply : null;
  const appended = came && came.data.length > 0 ? came.data : null;
  return { outcome: 'read', payload, appended, lastByteAt: came?.lastByteAt ?? lastByteAt };
}
