import type { ErrorCode } from '../../../../shared/contract/errors.ts';
import { DeviceError } from '../device-error.ts';

/**
 * What the USB library's failures mean. It gives sentences, not codes (`claimInterface error: interface is busy
 * (errno 16)`; on Windows `(error 5)`), so the sentences and numbers are looked at here and nowhere else.
 */

const BY_ERRNO: Readonly<Record<number, ErrorCode>> = {
  1: 'ID_CARD_NO_PERMISSION',
  2: 'ID_CARD_READER_MISSING',
  13: 'ID_CARD_NO_PERMISSION',
  16: 'ID_CARD_READER_BUSY',
  19: 'ID_CARD_READER_MISSING',
};
/** Windows: a WinUSB device that another program has open is refused with "access denied" (5) or a sharing violation. */
const BY_WIN32: Readonly<Record<number, ErrorCode>> = {
  2: 'ID_CARD_READER_MISSING',
  5: 'ID_CARD_READER_BUSY',
  32: 'ID_CARD_READER_BUSY',
  433: 'ID_CARD_READER_MISSING',
};
const BY_WORDS: readonly (readonly [RegExp, ErrorCode, string?])[] = [
  [
    /incompatible driver|not winusb|initialize winusb|not_supported|unsupported/i,
    'ID_CARD_DRIVER_MISSING',
    'the maker’s driver or none is bound to it, not WinUSB',
  ],
  [/permission denied|access denied/i, 'ID_CARD_NO_PERMISSION'],
  [/busy|already claimed/i, 'ID_CARD_READER_BUSY'],
  [/device not found|no such device|disconnected/i, 'ID_CARD_READER_MISSING'],
];

/** The failure to open or claim a device, with its code. */
export function usbFailure(error: unknown, platform: NodeJS.Platform = process.platform): DeviceError {
  if (error instanceof DeviceError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const [, word, digits] = /\b(errno|error) (\d+)\)/i.exec(text) ?? [];
  const numbers = platform === 'win32' ? BY_WIN32 : BY_ERRNO;
  const byNumber = word === undefined ? undefined : numbers[Number(digits)];
  const byWords = BY_WORDS.find(([words]) => words.test(text));
  // A wrong driver is told by words alone, and its number may be any.
  const code = byWords?.[2] === undefined ? (byNumber ?? byWords?.[1]) : byWords[1];
  const reason = byWords?.[2] === undefined ? text : `${byWords[2]}: ${text}`;
  return new DeviceError(code ?? 'ID_CARD_READER_FAILED', reason, { cause: error });
}

/** What became of a transfer that brought nothing. */
export type TransferTrouble =
  /** Its time was over: nothing came. */
  | 'quiet'
  /** The endpoint is halted; it has to be cleared. */
  | 'stalled'
  | 'gone'
  /** A fault on the line; the next transfer may work. */
  | 'fault';

/** @param error what `transferIn` or `transferOut` was rejected with */
export function transferTrouble(error: unknown): TransferTrouble {
  const text = error instanceof Error ? error.message : String(error);
  if (/cancel/i.test(text)) return 'quiet';
  if (/stall/i.test(text)) return 'stalled';
  if (/disconnect|no such device|errno 19/i.test(text)) return 'gone';
  return 'fault';
}
