import type { HallEvent } from '../../../shared/sync/event.ts';
import type { HeldEvent } from '../../../shared/sync/held-event.ts';

/**
 * The events of one thing as one text, one event a line: `hash cursor signature bytes`, `-` for what is not known yet.
 * Canonical JSON holds no line break, so nothing has to be escaped and the bytes stay exactly as they were made.
 */
export function writeLog(events: readonly HeldEvent[]): string {
  return events
    .map(({ hash, cursor, sig, bytes }) => `${hash} ${cursor ?? '-'} ${sig ?? '-'} ${bytes}`)
    .join('\n');
}

/** @returns the events in the order written; their hashes were checked when they came in */
export function readLog(text: string): HeldEvent[] {
  return text === '' ? [] : text.split('\n').map(readLine);
}

function readLine(line: string): HeldEvent {
  const afterHash = line.indexOf(' ');
  const afterCursor = line.indexOf(' ', afterHash + 1);
  const afterSig = line.indexOf(' ', afterCursor + 1);
  const cursor = line.slice(afterHash + 1, afterCursor);
  const sig = line.slice(afterCursor + 1, afterSig);
  const bytes = line.slice(afterSig + 1);
  return {
    event: JSON.parse(bytes) as HallEvent,
    bytes,
    hash: line.slice(0, afterHash),
    ...(cursor === '-' ? {} : { cursor: Number(cursor) }),
    ...(sig === '-' ? {} : { sig }),
  };
}
