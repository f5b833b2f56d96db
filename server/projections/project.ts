import type { PoolClient } from 'pg';
import { isAcceptedBody } from '../../shared/domain/case/accepted-body.ts';
import { isKnownEvent } from '../../shared/domain/events.ts';
import type { HallEvent, KeptEvent } from '../../shared/sync/event.ts';
import { storable } from '../store/storable.ts';
import { PICTURES, type LoggedEvent } from './pictures.ts';

/**
 * Brings the pictures that back offices query up to date with new events, in the push's own transaction, before the
 * events are stored. Folds with the same code as the windows. What it cannot interpret is flagged, never refused:
 * the queue has no poison item.
 * @returns flags by the event's sequence: 'unknown-type', 'unreadable' or 'conflict'
 */
export async function project(
  client: PoolClient,
  hall: string,
  fresh: readonly KeptEvent[],
): Promise<Map<number, string>> {
  const flags = new Map<number, string>();
  const touched = new Map<string, LoggedEvent[]>();
  for (const { event, hash } of fresh) {
    if (!isKnownEvent(event)) flags.set(event.seq, 'unknown-type');
    else if (event.type === 'case.accepted' && !isAcceptedBody(event.body))
      flags.set(event.seq, 'unreadable');
    const picture = PICTURES.find(({ prefix }) => event.agg.startsWith(prefix));
    if (!picture || event.agg !== storable(event.agg)) continue;
    const list = touched.get(event.agg) ?? [];
    list.push({ ...event, hash });
    touched.set(event.agg, list);
  }
  const before = await logsOf(client, hall, [...touched.keys()]);
  for (const { prefix, fold, write } of PICTURES) {
    const rows = [...touched]
      .filter(([agg]) => agg.startsWith(prefix))
      .flatMap(([agg, added]) => {
        const known = before.get(agg) ?? [];
        flagConflicts(fold, known, added, flags);
        const folded = fold([...known, ...added]);
        return folded ? [[hall, agg, ...folded.columns]] : [];
      });
    if (rows.length > 0) await client.query(write, transpose(rows));
  }
  return flags;
}

/** Flags the event that brings a contradiction, and those that follow in the same aggregate. */
function flagConflicts(
  fold: (typeof PICTURES)[number]['fold'],
  known: readonly LoggedEvent[],
  added: readonly LoggedEvent[],
  flags: Map<number, string>,
): void {
  if (!fold([...known, ...added])?.conflict) return;
  added.forEach((event, index) => {
    const until = fold([...known, ...added.slice(0, index + 1)]);
    if (until?.conflict && !flags.has(event.seq)) flags.set(event.seq, 'conflict');
  });
}

async function logsOf(
  client: PoolClient,
  hall: string,
  aggs: readonly string[],
): Promise<Map<string, LoggedEvent[]>> {
  const logs = new Map<string, LoggedEvent[]>();
  if (aggs.length === 0) return logs;
  const found = await client.query<{ agg: string; bytes: string; hash: string }>(
    'select agg, bytes, hash from event where hall = $1 and agg = any($2) order by cursor',
    [hall, aggs],
  );
  for (const { agg, bytes, hash } of found.rows) {
    const log = logs.get(agg) ?? [];
    log.push({ ...(JSON.parse(bytes) as HallEvent), hash });
    logs.set(agg, log);
  }
  return logs;
}

/** Rows as the columns that `unnest` takes. */
const transpose = (rows: readonly string[][]): string[][] =>
  (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] as string));
