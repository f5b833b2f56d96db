import { copyPart } from './recognise/picture.ts';

/** Why a file is of no use; `identify.<problem>` in the message files says what to do. */
export type PictureProblem = 'bad-picture' | 'too-large';

/** An A4 page in colour at 600 DPI as BMP is 100 MB; what scanners send for one page lies far below. */
const MOST_BYTES = 60_000_000;
const OPEN_LIMIT_MS = 10_000;
/** A card on an A4 page at 300 DPI is 1000 dots wide; a page is never made smaller than that needs. */
const LONGEST = 3600;

/**
 * A scanned picture, in memory only.
 * @param file as chosen, dropped or pasted; whatever it calls itself
 */
export async function openPicture(file: Blob): Promise<HTMLCanvasElement | PictureProblem> {
  if (file.size > MOST_BYTES) return 'too-large';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), OPEN_LIMIT_MS);
  });
  const opened = createImageBitmap(file).catch(() => null);
  const bitmap = await Promise.race([opened, late]);
  clearTimeout(timer);
  if (bitmap === null) {
    void opened.then((one) => one?.close());
    return 'bad-picture';
  }
  try {
    return copyPart(bitmap, { x: 0, y: 0, width: bitmap.width, height: bitmap.height }, 0, LONGEST);
  } finally {
    bitmap.close();
  }
}
