import type { ErrorCode } from '../../../shared/contract/errors.ts';

/**
 * The SAM's status codes (SW3) and what to do about each. Codes 01–09 exist only inside makers' libraries
 * and never on the wire; they and everything else unknown are treated as a failed attempt.
 */

export type StatusKind =
  | 'success'
  /** Nobody there; the usual answer while waiting. */
  | 'no-card'
  /** The SAM did not understand the frame: send it once more. */
  | 'resend'
  /** Something between card and reader failed: find, select and read again. */
  | 'retry'
  /** The SAM itself stumbled: after two in a row it is reset. */
  | 'reset'
  /** The card will not be read, however often it is tried. */
  | 'card-refused'
  /** The reader will not read any card. */
  | 'reader-refused';

export interface SamStatus {
  kind: StatusKind;
  /** What the clerk is told when it stays so. */
  error: ErrorCode;
  /** A card taken away too early gives this code, too. */
  mayBeLifted: boolean;
  /** For the log and the support report. */
  meaning: string;
}

const status = (kind: StatusKind, error: ErrorCode, meaning: string, mayBeLifted = false): SamStatus => ({
  kind,
  error,
  mayBeLifted,
  meaning,
});

const STATUSES: ReadonlyMap<number, SamStatus> = new Map([
  [0x90, status('success', 'INTERNAL', 'done')],
  [0x91, status('success', 'INTERNAL', 'the card has no such item')],
  [0x9f, status('success', 'INTERNAL', 'card found')],
  [0x10, status('resend', 'ID_CARD_BAD_FRAME', 'check byte of the command wrong')],
  [0x11, status('resend', 'ID_CARD_BAD_FRAME', 'length of the command wrong')],
  [0x21, status('retry', 'ID_CARD_READER_FAILED', 'command not possible now')],
  [0x23, status('reader-refused', 'ID_CARD_READER_NOT_AUTHORISED', 'operation not permitted')],
  [0x24, status('reset', 'ID_CARD_READER_FAILED', 'unrecognised error')],
  [0x31, status('retry', 'ID_CARD_LIFTED', 'the card did not accept the reader', true)],
  [0x32, status('retry', 'ID_CARD_SUSPECT', 'the reader did not accept the card', true)],
  [0x33, status('retry', 'ID_CARD_SUSPECT', 'verification of the information failed')],
  [0x37, status('retry', 'ID_CARD_SUSPECT', 'verification of the fingerprint failed')],
  [0x3f, status('retry', 'ID_CARD_LIFTED', 'length of the information wrong', true)],
  [0x40, status('card-refused', 'ID_CARD_UNKNOWN_TYPE', 'kind of card not recognised')],
  [0x41, status('retry', 'ID_CARD_LIFTED', 'reading the card failed', true)],
  [0x47, status('retry', 'ID_CARD_LIFTED', 'no random number from the card', true)],
  [0x60, status('reset', 'ID_CARD_SELF_TEST', 'self-test of the SAM failed')],
  [0x66, status('reader-refused', 'ID_CARD_READER_NOT_AUTHORISED', 'the SAM is not authorised')],
  [0x67, status('reader-refused', 'ID_CARD_CLOUD_ONLY', 'the remote SAM failed')],
  [0x69, status('reader-refused', 'ID_CARD_CLOUD_ONLY', 'no remote SAM to be had')],
  [0x80, status('no-card', 'ID_CARD_LIFTED', 'no card', true)],
  [0x81, status('retry', 'ID_CARD_LIFTED', 'selecting the card failed', true)],
]);

const UNKNOWN = status('retry', 'ID_CARD_READER_FAILED', 'status outside the table');

/** Every code of the table, rising. */
export const SAM_STATUS_CODES: readonly number[] = [...STATUSES.keys()].sort((a, b) => a - b);

/** @param sw3 the third status byte of a reply; only this one is tested, SW1 and SW2 are the card's own */
export function samStatus(sw3: number): SamStatus {
  return STATUSES.get(sw3) ?? UNKNOWN;
}
