import { CodedError } from '../../../shared/contract/errors.ts';
import type { ErrorCode } from '../../../shared/contract/errors.ts';
import { documentTypeOf } from '../../../shared/domain/card/text-layout.ts';
import type { LogPort } from '../ports/log.ts';
import type { ExchangeReply } from './exchange.ts';
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
/** The same for the card's own number, which is asked for while the card waits to be read. */
const MANAGEMENT_LIMIT_MS = 400;
/** Fingerprints that do not verify, and a reader that does not know the command: the rest can be read all the same. */
const WITHOUT_FINGERPRINT = [0x37, 0x21];

export type AttemptResult =
  | {
      outcome: 'read';
      payload: CardPayload;
      /** Data of the appended addresses, null when there are none or they could not be read. */
      appended: Uint8Array | null;
      /** The reader knows `30 03`: it has answered it for this card. */
      knowsAppended: boolean;
      /** Data of the management number, null when not asked for or not given. */
      management: Uint8Array | null;
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

/** What is read of a card besides its text and photo. */
export interface AttemptWishes {
  readLatestAddress: boolean;
  /** Fingerprint templates (`30 10`); default false. Biometric data: who asks for them wipes them. */
  readFingerprint?: boolean;
  /** The management number (`30 05`); default false. */
  readManagement?: boolean;
}

interface AttemptPorts extends AttemptWishes {
  sam: SamLink;
  profile: ReaderProfile;
  log: LogPort;
}

/**
 * Reads the card that has just been found: select, read, and once more from the start when something between
 * card and reader failed. A card that is gone meanwhile is ID_CARD_LIFTED.
 * @throws CodedError ID_CARD_READER_FAILED or ID_CARD_READER_NOT_AUTHORISED when the reader, not the card, failed
 */
export async function attemptCard(ports: AttemptPorts): Promise<AttemptResult> {
  const { sam, log } = ports;
  let wishes: AttemptWishes = ports;
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
    const result = await tolerant(() => selectAndRead(ports, wishes));
    if (!('error' in result)) return withAddress(result, ports);
    if (result.final) return { outcome: 'failed', error: result.error, detail: result.detail };
    failure = result;
    // What is not needed is not tried twice, since it may be what failed; only a lifted card explains itself.
    wishes = {
      ...wishes,
      readManagement: false,
      readFingerprint: wishes.readFingerprint === true && result.mayBeLifted,
    };
  }
  return {
    outcome: 'failed',
    error: failure?.error ?? 'ID_CARD_READER_FAILED',
    detail: failure?.detail ?? '',
  };
}

interface Base {
  payload: CardPayload;
  management: Uint8Array | null;
  lastByteAt: number;
}

async function selectAndRead({ sam, profile }: AttemptPorts, wishes: AttemptWishes): Promise<Base | Failure> {
  if (!profile.skipSelect) {
    const selected = await sam.ask('select');
    if (samStatus(selected.sw3).kind !== 'success') return failureOf(selected.sw3);
  }
  const management = wishes.readManagement ? await readManagement(sam) : null;
  try {
    const reply = await readBase(sam, wishes.readFingerprint ?? false);
    if (samStatus(reply.sw3).kind !== 'success') return failureOf(reply.sw3);
    const payload = splitCardPayload(reply.data);
    reply.data.fill(0);
    if (payload) return { payload, management: management?.slice() ?? null, lastByteAt: reply.lastByteAt };
  } finally {
    management?.fill(0);
  }
  return { error: 'ID_CARD_BAD_FRAME', detail: 'lengths do not add up', final: false, mayBeLifted: false };
}

async function readBase(sam: SamLink, withFingerprint: boolean): Promise<ExchangeReply> {
  if (!withFingerprint) return sam.ask('readBase');
  const reply = await sam.ask('readBaseWithFingerprint');
  return WITHOUT_FINGERPRINT.includes(reply.sw3) ? sam.ask('readBase') : reply;
}

/** Has to be asked between select and read. A card or a reader that does not give it is read all the same. */
async function readManagement(sam: SamLink): Promise<Uint8Array | null> {
  const reply = await tolerant(() => sam.ask('readManagement', { limitMs: MANAGEMENT_LIMIT_MS }));
  return 'sw3' in reply && samStatus(reply.sw3).kind === 'success' ? reply.data : null;
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

async function withAddress(base: Base, ports: AttemptPorts): Promise<AttemptResult> {
  const { payload, management, lastByteAt } = base;
  const type = documentTypeOf(
    String.fromCharCode((payload.text[248] ?? 0x20) | ((payload.text[249] ?? 0) << 8)),
  );
  const hasAddress = type === 'resident' || type === 'hmt';
  if (!ports.readLatestAddress || !ports.profile.readsAddress || !hasAddress) {
    return { outcome: 'read', payload, appended: null, knowsAppended: false, management, lastByteAt };
  }
  const reply = await tolerant(() => ports.sam.ask('readAppended', { limitMs: APPENDED_LIMIT_MS })).catch(
    () => null,
  );
  const came = reply && 'sw3' in reply && samStatus(reply.sw3).kind === 'success' ? reply : null;
  const appended = came && came.data.length > 0 ? came.data : null;
  const answeredAt = came?.lastByteAt ?? lastByteAt;
  return {
    outcome: 'read',
    payload,
    appended,
    knowsAppended: came !== null,
    management,
    lastByteAt: answeredAt,
  };
}
