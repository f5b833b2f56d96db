import type { FoldEvent } from './fold-event.ts';

/**
 * After a fork or a loss a device makes its unsent events again in a new incarnation. Where both arrived, the second
 * is no new deed.
 * @returns whether an event is one already asked about, made again
 */
export function deedsMadeAgain(): (event: FoldEvent) => boolean {
  const first = new Map<string, FoldEvent>();
  return (event) => {
    if (event.cmd === undefined || event.cmd === '') return false;
    const deed = `${event.dev}\n${event.cmd}\n${event.type}`;
    const known = first.get(deed);
    if (!known) {
      first.set(deed, event);
      return false;
    }
    return known.inc !== event.inc && JSON.stringify(known.body) === JSON.stringify(event.body);
  };
}
