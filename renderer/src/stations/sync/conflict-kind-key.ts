/**
 * @param has whether a message exists; a newer program at another window may flag what this one has no words for
 * @returns the message key of what collides
 */
export function conflictKindKey(kind: string, has: (key: string) => boolean): string {
  const key = `conflictKind.${kind}`;
  return has(key) ? key : 'conflictKind.other';
}
