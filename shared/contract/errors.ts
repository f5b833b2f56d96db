/**
 * Every error code that crosses a border, and nothing else: no zod here, so that the window may use the
 * codes as values without carrying the schemas. The sentence for the clerk belongs to the message files
 * (`error.<CODE>`), because it is language, not contract.
 */
export const ERROR_CODES = [
  // the wire
  'WIRE_UNKNOWN_METHOD',
  'WIRE_BAD_INPUT',
  'WIRE_TIMEOUT',
  'WIRE_CLOSED',
  'INTERNAL',
  // start-up and settings
  'PROFILE_NOT_WRITABLE',
  'PROFILE_IN_USE',
  'PORT_IN_USE',
  'SETTINGS_CORRUPT',
  'DEVICE_NOT_ENROLLED',
  'SECRETS_LOCKED',
  // the journal
  'JOURNAL_DISK_FULL',
  'JOURNAL_WRITE_FAILED',
  'JOURNAL_CORRUPT',
  'JOURNAL_LOCKED',
  // the second place
  'JOURNAL_COPY_FOLDER_GONE',
  'JOURNAL_COPY_NO_PERMISSION',
  'JOURNAL_COPY_FULL',
  'JOURNAL_COPY_FAILED',
  // export to a USB stick and back
  'JOURNAL_EXPORT_NO_KEY',
  'JOURNAL_EXPORT_FAILED',
  'JOURNAL_EXPORT_EMPTY',
  'JOURNAL_IMPORT_UNREADABLE',
  'JOURNAL_IMPORT_DAMAGED',
  'JOURNAL_IMPORT_FOREIGN',
  'JOURNAL_IMPORT_TOO_LARGE',
  // the window's store, the journal's rebuildable picture
  'STORE_FULL',
  'STORE_UNREADABLE',
  'STORE_CONFLICT_GONE',
  // the line to the server
  'CENTRAL_BAD_ADDRESS',
  'CENTRAL_UNREACHABLE',
  'CENTRAL_NOT_OURS',
  'CENTRAL_CODE_REFUSED',
  'CENTRAL_DEVICE_REFUSED',
  'CENTRAL_FORK',
  'CENTRAL_GAP',
  'CENTRAL_EPOCH_CHANGED',
  'CENTRAL_BUSY',
  'CENTRAL_BAD_ANSWER',
  // clerks
  'CLERK_WRONG_SECRET',
  'CLERK_LOCKED',
  'CLERK_UNKNOWN',
  // nobody has confirmed the list of clerks for too long
  'CLERK_EXPIRED',
  // scans, signatures and PDFs
  'BLOB_TOO_LARGE',
  'BLOB_NOT_SAVED',
  'BLOB_MISSING',
  // the hall's room on the server is used up
  'BLOB_QUOTA',
  'BLOB_REFUSED',
  // the card reader
  'ID_CARD_READER_MISSING',
  'ID_CARD_READER_FAILED',
  'ID_CARD_READER_NOT_AUTHORISED',
  'ID_CARD_TIMEOUT',
  'ID_CARD_LIFTED',
  'ID_CARD_UNKNOWN_TYPE',
  'ID_CARD_SUSPECT',
  'ID_CARD_BAD_FRAME',
  'ID_CARD_DEMO_ONLY',
  // another program holds the reader
  'ID_CARD_READER_BUSY',
  // the operating system does not let this user open it
  'ID_CARD_NO_PERMISSION',
  // no driver or library by which it could be reached
  'ID_CARD_DRIVER_MISSING',
  'ID_CARD_DRIVER_32BIT',
  // the device host crashed again and again and rests
  'ID_CARD_DRIVER_CRASHED',
  // no security module in it: it decodes in its maker's cloud
  'ID_CARD_CLOUD_ONLY',
  'ID_CARD_SELF_TEST',
  // paper
  'PRINT_NO_PRINTER',
  'PRINT_UNREACHABLE',
  'PRINT_PAPER_OUT',
  'PRINT_UNCERTAIN',
  'PRINT_BAD_SHEET',
  'PRINT_SPOOL_FAILED',
  // a queue number that waited too long for its printer: it is not printed late
  'PRINT_EXPIRED',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What travels instead of an exception. `detail` is for the log and the support report, never personal data. */
export interface WireError {
  code: ErrorCode;
  detail?: string;
}

/** An expected failure inside the core; `dispatch` turns it into a {@link WireError}. */
export class CodedError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail ?? code, options);
    this.name = 'CodedError';
    this.code = code;
  }
}

/** @returns the failure as it may cross the border: a known code, or INTERNAL with the message left behind. */
export function toWireError(error: unknown): WireError {
  if (error instanceof CodedError) return { code: error.code, detail: error.message };
  return { code: 'INTERNAL' };
}
