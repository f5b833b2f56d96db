import type { ErrorCode } from '../../../shared/contract/errors.ts';

/** A failure of the device host whose reason is known. */
export class DeviceError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DeviceError';
    this.code = code;
  }
}

const BY_ERRNO: Readonly<Record<string, ErrorCode>> = {
  EACCES: 'ID_CARD_NO_PERMISSION',
  EPERM: 'ID_CARD_NO_PERMISSION',
  EBUSY: 'ID_CARD_READER_BUSY',
  EAGAIN: 'ID_CARD_READER_BUSY',
  ENOENT: 'ID_CARD_READER_MISSING',
  ENODEV: 'ID_CARD_READER_MISSING',
  ENXIO: 'ID_CARD_READER_MISSING',
};

/** What a failure means to the clerk: the backend's own word, or the system's error number. */
export function failureCode(error: unknown): ErrorCode {
  if (error instanceof DeviceError) return error.code;
  const errno = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return BY_ERRNO[errno ?? ''] ?? 'ID_CARD_READER_FAILED';
}
