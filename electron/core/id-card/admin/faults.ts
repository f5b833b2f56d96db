import type { ErrorCode } from '../../../../shared/contract/errors.ts';

/**
 * What goes wrong without a status code of the SAM, and the error the clerk is told. For the table in the docs; the
 * tests make each of those a simulator can make happen.
 */
export const FAULTS: readonly { fault: string; error: ErrorCode }[] = [
  { fault: 'no reader attached', error: 'ID_CARD_READER_MISSING' },
  { fault: 'the cable is pulled, also in the middle of a read', error: 'ID_CARD_READER_MISSING' },
  { fault: 'one command without an answer', error: 'ID_CARD_TIMEOUT' },
  {
    fault: 'two commands in a row without an answer: the reader is opened anew',
    error: 'ID_CARD_READER_FAILED',
  },
  { fault: 'answers damaged again and again (checksum, length, envelope)', error: 'ID_CARD_BAD_FRAME' },
  { fault: 'the device cannot be opened or written to', error: 'ID_CARD_READER_FAILED' },
  { fault: 'another program has the device open', error: 'ID_CARD_READER_BUSY' },
  { fault: 'the system does not let this user open it (no udev rule)', error: 'ID_CARD_NO_PERMISSION' },
  { fault: "no driver (WinUSB), or the maker's library is not there", error: 'ID_CARD_DRIVER_MISSING' },
  { fault: "the maker's library is 32-bit", error: 'ID_CARD_DRIVER_32BIT' },
  { fault: 'the device host crashed three times in a minute', error: 'ID_CARD_DRIVER_CRASHED' },
  { fault: 'DK module without a SAM of its own', error: 'ID_CARD_CLOUD_ONLY' },
  { fault: 'a demo card is to be placed while a real reader is in use', error: 'ID_CARD_DEMO_ONLY' },
];
