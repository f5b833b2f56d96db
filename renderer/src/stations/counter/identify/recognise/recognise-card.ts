import { numberInText, type NumberFound } from '../../../../../../shared/domain/card/number-in-text.ts';
import type { OcrEngine, OcrText } from './ocr-engine.ts';
import { copyPart, forReading, smallGrey, straighten, type Part } from './picture.ts';
import { skewAngle } from './skew-angle.ts';

/** What was read off a picture of a card. */
export interface CardRecognised extends NumberFound {
  /** A suggestion only: a person has to look at it. '' when nothing that could be a name was read. */
  name: string;
  /** The picture as it was read: upright and straight. */
  picture: HTMLCanvasElement;
  /** Its line with the name, to be compared; null when nobody knows where that is. */
  nameLine: HTMLCanvasElement | null;
}

/**
 * Where a resident card's front has its number and its name, in parts of the card (85.6 mm × 54 mm): the middles of
 * the first and the last digit, and the box in which a name may stand.
 */
const NUMBER = { first: 0.352, last: 0.898, middle: 0.868 };
const NAME = { left: 0.165, right: 0.6, top: 0.085, bottom: 0.205 };
/** Characters 30 to 40 dots high are read best. */
const NAME_WIDTH = 380;
/** Of wrong names two in three have a character read with less. */
const SURE = 50;
const CARD_RATIO = 54 / 85.6;

/** A picture of other proportions than these shows more than a card, e.g. a page on a flatbed's glass. */
const CARD_LIKE = { least: 1.3, most: 1.9 };

/**
 * Reads a resident card off its picture: straightens it, reads the number in the lower part, then anywhere, then
 * upside down; the name stands where the number says it must be.
 * @param picture the card, about filling it; or a scanned page with a card somewhere on it
 */
export async function recogniseCard(engine: OcrEngine, picture: HTMLCanvasElement): Promise<CardRecognised> {
  const ratio = picture.width / picture.height;
  const isCard = ratio > CARD_LIKE.least && ratio < CARD_LIKE.most;
  const straightened = new Map<0 | 180, HTMLCanvasElement>();
  let best: CardRecognised | null = null;
  for (const [turn, look] of isCard ? LOOKS_AT_CARD : LOOKS_AT_PAGE) {
    const straight = straightened.get(turn) ?? upright(picture, turn);
    straightened.set(turn, straight);
    const seen = await look(engine, straight);
    const found = numberInText(seen.text);
    if (found.certain) {
      const nameLine = nameLineOf(straight, seen);
      const name = nameLine === null ? '' : await nameIn(engine, nameLine);
      return { ...found, name, nameLine, picture: cardIn(straight, seen) };
    }
    if (best === null || (best.number === '' && found.number !== ''))
      best = { ...found, name: '', nameLine: null, picture: straight };
  }
  return best ?? { number: '', certain: false, name: '', nameLine: null, picture };
}

function upright(picture: HTMLCanvasElement, turn: 0 | 180): HTMLCanvasElement {
  const turned = turn === 0 ? picture : copyPart(picture, all(picture), turn, Infinity);
  return straighten(turned, skewAngle(smallGrey(turned, all(turned), 320)));
}

interface Seen {
  text: string;
  /** Where the card lies, told by its number; null when that was not told. */
  card: Part | null;
}

/** The number of a card that fills the picture. */
async function lowerPart(engine: OcrEngine, picture: HTMLCanvasElement): Promise<Seen> {
  const { width, height } = picture;
  return seenIn(
    engine,
    picture,
    { x: 0, y: height * 0.68, width, height: height * 0.32 },
    1200,
    'number-block',
  );
}

async function wholePicture(engine: OcrEngine, picture: HTMLCanvasElement): Promise<Seen> {
  const readable = Math.min(2000, Math.max(1200, picture.width));
  return seenIn(engine, picture, all(picture), readable, 'number-anywhere');
}

type Look = (engine: OcrEngine, picture: HTMLCanvasElement) => Promise<Seen>;
/** The lower part is read better, but what is no text at all there takes long: so it comes last upside down. */
const LOOKS_AT_CARD: readonly (readonly [0 | 180, Look])[] = [
  [0, lowerPart],
  [0, wholePicture],
  [180, wholePicture],
  [180, lowerPart],
];
const LOOKS_AT_PAGE: readonly (readonly [0 | 180, Look])[] = [
  [0, wholePicture],
  [180, wholePicture],
];

async function seenIn(
  engine: OcrEngine,
  picture: HTMLCanvasElement,
  part: Part,
  width: number,
  task: 'number-block' | 'number-anywhere',
): Promise<Seen> {
  const read = await engine.read(forReading(picture, part, width), task);
  const card = cardAround(read);
  const scale = part.width / width;
  return {
    text: read.text,
    card: card && {
      x: part.x + card.x * scale,
      y: part.y + card.y * scale,
      width: card.width * scale,
      height: card.height * scale,
    },
  };
}

/**
 * The card, reckoned from its number. The last digit and the step from digit to digit are sure; the first digit may
 * have melted with what stands before it.
 */
function cardAround({ words }: OcrText): Part | null {
  const [number] = words
    .filter(({ characters }) => characters.length >= 8)
    .sort((a, b) => b.characters.length - a.characters.length);
  if (!number) return null;
  const row = words
    .filter(({ box }) => box.y0 < number.box.y1 && box.y1 > number.box.y0)
    .flatMap(({ characters }) => characters)
    .map(({ x0, x1 }) => (x0 + x1) / 2)
    .sort((a, b) => a - b);
  const steps = row
    .slice(1)
    .map((x, i) => x - (row[i] ?? 0))
    .sort((a, b) => a - b);
  const step = steps[Math.floor(steps.length / 2)] ?? 0;
  const width = (17 * step) / (NUMBER.last - NUMBER.first);
  const height = width * CARD_RATIO;
  const y = (number.box.y0 + number.box.y1) / 2 - NUMBER.middle * height;
  return { x: (row.at(-1) ?? 0) - NUMBER.last * width, y, width, height };
}

/** The card alone, with a little around it, so that a person sees it large. */
function cardIn(picture: HTMLCanvasElement, { card }: Seen): HTMLCanvasElement {
  if (card === null) return picture;
  const around = 0.04 * card.width;
  const x = Math.max(0, card.x - around);
  const y = Math.max(0, card.y - around);
  const width = Math.min(picture.width - x, card.width + 2 * around);
  const height = Math.min(picture.height - y, card.height + 2 * around);
  return width < 100 || height < 60 ? picture : copyPart(picture, { x, y, width, height });
}

function nameLineOf(picture: HTMLCanvasElement, { card }: Seen): HTMLCanvasElement | null {
  if (card === null) return null;
  const part = {
    x: card.x + NAME.left * card.width,
    y: card.y + NAME.top * card.height,
    width: (NAME.right - NAME.left) * card.width,
    height: (NAME.bottom - NAME.top) * card.height,
  };
  const isOutside = part.x < 0 || part.y < 0 || part.x + part.width > picture.width;
  return isOutside || part.width < 60 ? null : forReading(picture, part, NAME_WIDTH);
}

/** A name that cannot be read is typed; the number counts all the same. */
async function nameIn(engine: OcrEngine, line: HTMLCanvasElement): Promise<string> {
  const read = await engine.read(line, 'name').catch(() => null);
  return read === null ? '' : plausibleName(read);
}

/**
 * Chinese characters and the middle dot, read with some confidence and not running out of the box: anything else is
 * typed sooner than corrected.
 */
function plausibleName({ text, words }: OcrText): string {
  if (words.some(({ confidence, box }) => confidence < SURE || box.x1 > NAME_WIDTH * 0.97)) return '';
  const name = text.replace(/[\s.,。，、'’“”"|_-]/gu, '').replace(/[•・]/gu, '·');
  return /^[\p{Script=Han}·]{2,20}$/u.test(name) ? name : '';
}

const all = ({ width, height }: HTMLCanvasElement): Part => ({ x: 0, y: 0, width, height });
