import type { FoldEvent } from './fold-event.ts';

/** Facts that no decision rests on: paper that came out says nothing about the matter. */
const SILENT = ['sheet.settled'];

/**
 * What counted before an event and its author had not seen: the work of other devices that stands after the last
 * thing it had before the eyes and beyond the cursor up to which it had read.
 * @param before what has counted so far, in order
 * @returns hashes, oldest first; empty when the author saw everything, or when the event does not say
 */
export function unseenBy(event: FoldEvent, before: readonly FoldEvent[]): string[] {
  const { seen } = event;
  if (!seen || SILENT.includes(event.type)) return [];
  const unseen: string[] = [];
  for (let i = before.length - 1; i >= 0; i--) {
    const other = before[i] as FoldEvent;
    if (other.hash === seen.last) break;
    const read = other.cursor !== undefined && other.cursor <= seen.cursor;
    if (!read && other.dev !== event.dev && !SILENT.includes(other.type)) unseen.unshift(other.hash);
  }
  return unseen;
}
