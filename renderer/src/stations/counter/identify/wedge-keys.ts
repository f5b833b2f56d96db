/** The part of a keyboard event that a scanner's burst is read from. */
type WedgeKey = Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey'>;

/**
 * One key of a scanner that acts as a keyboard, as a character of a machine-readable zone. Taken from the place of the
 * key and not from what it types: a Chinese input method swallows letters, and then `key` says nothing.
 * @returns the character, `Enter`, or null for a key that no zone has
 */
export function wedgeKey({ key, code, shiftKey, ctrlKey, altKey, metaKey }: WedgeKey): string | null {
  if (ctrlKey || altKey || metaKey) return null;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
  if (letter !== undefined) return letter;
  // A digit with Shift is punctuation, which no zone has.
  if (digit !== undefined) return shiftKey && code.startsWith('Digit') ? null : digit;
  // The filler: Shift with the comma's key, the extra key of European keyboards, or wherever a layout has it.
  if (key === '<' || (code === 'Comma' && shiftKey) || code === 'IntlBackslash') return '<';
  return code === 'Enter' || code === 'NumpadEnter' ? 'Enter' : null;
}
