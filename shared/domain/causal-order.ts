import type { FoldEvent } from './fold-event.ts';

/**
 * Nothing comes before what its author had seen. The server's order keeps to that by itself, except after it was
 * restored from a backup: then devices bring back what was lost in the order in which they happen to call, and a
 * ticket may be called before it was taken. Such an event waits for the one it builds on; all else stays in place.
 */
export function causalOrder(log: readonly FoldEvent[]): FoldEvent[] {
  const present = new Set(log.map((event) => event.hash));
  const done = new Set<string>();
  const ordered: FoldEvent[] = [];
  const waiting = new Map<string, FoldEvent[]>();
  const release = (event: FoldEvent): void => {
    const queue = [event];
    for (let next = queue.shift(); next; next = queue.shift()) {
      ordered.push(next);
      done.add(next.hash);
      queue.push(...(waiting.get(next.hash) ?? []));
      waiting.delete(next.hash);
    }
  };
  for (const event of log) {
    const cause = event.seen?.last ?? '';
    if (!present.has(cause) || done.has(cause)) release(event);
    else waiting.set(cause, [...(waiting.get(cause) ?? []), event]);
  }
  // A circle cannot be made of SHA-256; should one be handed in, its events are still not lost.
  return ordered.length === log.length ? ordered : [...ordered, ...log.filter(({ hash }) => !done.has(hash))];
}
