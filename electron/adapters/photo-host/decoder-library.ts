import type { PhotoReason } from '../../../shared/contract/card.ts';
import { troubleOfFile } from './library-file.ts';
import type { PhotoLibrary } from './messages.ts';

/** A failure of the photo host whose reason is known. */
export class PhotoFailure extends Error {
  readonly reason: PhotoReason;
  constructor(reason: PhotoReason, detail: string) {
    super(detail);
    this.name = 'PhotoFailure';
    this.reason = reason;
  }
}

/** `int entry(const uint8_t *wlt, uint8_t *raw, int save)`: 1 when it worked; save 1 also writes zp.bmp. */
export type DecodeFunction = (wlt: Uint8Array, raw: Uint8Array, save: number) => number;

/**
 * Loads the user's library. koffi is imported here and only when a library is wanted: it is native code itself and
 * has no build for some processors.
 * @throws PhotoFailure
 */
export async function loadDecoder({ path, entry }: PhotoLibrary): Promise<DecodeFunction> {
  const trouble = await troubleOfFile(path, { platform: process.platform, arch: process.arch });
  if (trouble) throw new PhotoFailure(trouble.reason, trouble.detail);
  const { default: koffi } = await import('koffi').catch((error: unknown) => {
    throw new PhotoFailure('engine-missing', firstLine(error));
  });
  let library: ReturnType<typeof koffi.load>;
  try {
    library = koffi.load(path);
  } catch (error) {
    // Most often another library that it needs itself is missing.
    throw new PhotoFailure('library-faulty', firstLine(error));
  }
  try {
    return library.func(entry, 'int', ['uint8_t *', 'uint8_t *', 'int']) as DecodeFunction;
  } catch (error) {
    throw new PhotoFailure('entry-missing', firstLine(error));
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.slice(0, 300) ?? '';
}
