import { fontOf } from './paper-style.ts';

/** Never assigned; whatever is drawn for them is what this PC draws for a character it does not have. */
const UNASSIGNED = ['\u{10fffd}', '\u0378', '\u{3fffd}'];
const SIZE = 32;

/**
 * The characters of a text that this PC cannot draw: rare names (生僻字) need a font that has them, and a name
 * printed as a box is a wrong name.
 * @returns each missing character once, in order; an empty list is the normal case
 */
export function missingGlyphs(text: string): string[] {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIZE * 2;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (pen === null) return [];
  const look = (character: string): string => {
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = '#000';
    pen.font = fontOf(SIZE, 'regular');
    pen.fillText(character, SIZE / 2, SIZE * 1.4);
    return pen.getImageData(0, 0, canvas.width, canvas.height).data.join();
  };
  const boxes = new Set([...UNASSIGNED, ' '].map(look));
  const characters = new Set(text.match(/\P{M}\p{M}*/gu) ?? []);
  return [...characters].filter((character) => /\S/u.test(character) && boxes.has(look(character)));
}
