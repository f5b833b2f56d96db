/** The part of a keyboard event that names a key. */
export type KeyPress = Pick<
  KeyboardEvent,
  'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'isComposing'
>;

/**
 * One name for one key, whatever the layout: `F9`, `Escape`, `Ctrl+K`, `Alt+1`, `3`. Letters and digits are taken
 * from the place on the keyboard, because with Alt held a layout may put another character there.
 * @returns '' while an input method composes: then every key belongs to it
 */
export function keyName(event: KeyPress): string {
  if (event.isComposing || event.key === 'Process') return '';
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  const named = event.key.length > 1;
  // Shift with a digit or a letter is a character of its own, not our key.
  if (event.shiftKey && !named) return '';
  const base = letter ?? digit ?? (named ? event.key : event.key.toUpperCase());
  if (base === 'Dead' || base === 'Unidentified') return '';
  return `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${event.shiftKey ? 'Shift+' : ''}${base}`;
}

/** Whether a key types something by itself, so that it belongs to the field that has the focus. */
export const isTypingKey = (name: string): boolean => name.length === 1;
