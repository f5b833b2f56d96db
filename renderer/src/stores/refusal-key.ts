/** Which sentence a reason has, `refusal.<name>`; the reasons are the conflicts the fact would have made. */
const SENTENCES: Readonly<Record<string, string>> = {
  held: 'held',
  'called-twice': 'held',
  'called-after-end': 'ended',
};

/** @returns the message key of why a command was refused; its sentence takes `{what}` and `{n}`, the other window */
export function refusalKey(reason: string, by: string): string {
  // A sentence that names the other window needs one.
  return `refusal.${by === '' ? 'other' : (SENTENCES[reason] ?? 'other')}`;
}
