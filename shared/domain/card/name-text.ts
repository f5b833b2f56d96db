/** Characters in names that look alike, or that a screen may not have. Nothing here is applied unless asked for. */

/**
 * Dots that systems put between the parts of a minority or foreign name: U+00B7 is the one that belongs there.
 * U+2022, U+30FB and U+FF0E were seen; the others look the same and are typed instead.
 */
const MIDDLE_DOTS = /[\u2022\u30fb\uff0e\u2027\u2219\u22c5\uff65\u318d]/gu;

/**
 * Makes one dot of all of them, for comparing names from two sources (古丽·测试, 古丽•测试). What the card says is kept
 * as it is everywhere else.
 */
export function unifyMiddleDots(name: string): string {
  return name.replace(MIDDLE_DOTS, '\u00b7');
}

export interface RareCharacter {
  character: string;
  /** Code units before it. */
  at: number;
  /** Private-use characters have no meaning outside the font they were made for; the others are merely rare. */
  kind: 'private-use' | 'supplementary' | 'damaged';
}

/** @returns the characters of a text that a screen or a printer may not have, in order */
export function rareCharactersOf(text: string): RareCharacter[] {
  const rare: RareCharacter[] = [];
  let at = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (isPrivateUse(code)) rare.push({ character, at, kind: 'private-use' });
    else if (code === 0xfffd || (code >= 0xd800 && code <= 0xdfff))
      rare.push({ character, at, kind: 'damaged' });
    else if (code > 0xffff) rare.push({ character, at, kind: 'supplementary' });
    at += character.length;
  }
  return rare;
}

function isPrivateUse(code: number): boolean {
  return (code >= 0xe000 && code <= 0xf8ff) || code >= 0xf0000;
}
