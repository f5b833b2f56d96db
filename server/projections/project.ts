import type { PoolClient } from 'pg';
import { foldCase } from '../../shared/domain/case/reducer.ts';
import { foldTicket } from '../../shared/domain/ticket/reducer.ts';
import type { HallEvent, KeptEvent } from '../../shared/sync/event.ts';

/** Kinds of aggregates this version keeps a picture of, and the event types it understands. */
const KNOWN =
  /^(case\.(accepted|finished)|ticket\.(taken|called|recalled|finished|noShow)|sheet\.settled|person\.viewed)$/;

/**
 * Brings the pictures that back offices query up to date with new events, in the push's own transaction. Folds with the
 * same code as the windows. What it cannot interpret is flagged, never refused: the queue has no poison item.
 * @returns flags by the event's sequence: 'unknown-type', or 'conflict'
 */
export async function project(
  client: PoolClient,
  hall: string,
  fresh: KeptEvent[],
): Promise<Map<number, string>> {
  const flags = new Map<number, string>();
  const touched = new Map<string, KeptEvent[]>();
  for (const kept of fresh) {
    if (!KNOWN.test(kept.event.type) || kept.event.typeV !== 1) flags.set(kept.event.seq, 'unknown-type');
    const list = touched.get(kept.event.agg) ?? [];
    list.push(kept);
    touched.set(kept.event.agg, list);
  }
  for (const [agg, added] of touched) {
    const conflict = await refold(client, hall, agg, added);
    const last = added.at(-1);
    if (conflict && last && !flags.has(last.event.seq)) flags.set(last.event.seq, 'conflict');
  }
  return flags;
}

/** @returns whether the aggregate is in conflict now */
async function refold(client: PoolClient, hall: string, agg: string, added: KeptEvent[]): Promise<boolean> {
  if (!agg.startsWith('case/') && !agg.startsWith('ticket/')) return false;
  const before = await client.query<{ bytes: string; hash: string }>(
    'select bytes, hash from event where hall = $1 and agg = $2 order by cursor',
    [hall, agg],
  );
  const events = [
    ...before.rows.map(({ bytes, hash }) => ({ ...(JSON.parse(bytes) as HallEvent), hash })),
    ...added.map(({ event, hash }) => ({ ...event, hash })),
  ];
  if (agg.startsWith('ticket/')) {
    const ticket = foldTicket(events);
    if (!ticket) return false;
    await client.query(
      `insert into ticket_row (hall, agg, no, day, status, station, conflict) values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (hall, agg) do update set status = excluded.status, station = excluded.station, conflict = excluded.conflict`,
      [hall, agg, ticket.no, ticket.day, ticket.status, ticket.station, ticket.conflict],
    );
    return ticket.conflict !== '';
  }
  const state = foldCase(events);
  if (!state) return false;
  await client.query(
    `insert into case_row (hall, agg, case_no, item_code, item_name, department, status, accepted_at, promised_date, station, dev, conflict)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (hall, agg) do update set status = excluded.status, conflict = excluded.conflict`,
    [
      hall,
      agg,
      state.caseNo,
      state.item.code,
      state.item.name,
      state.item.department,
      state.status,
      state.acceptedAt,
      state.promised.date,
      state.station,
      state.dev,
      state.conflict,
    ],
  );
  return state.conflict !== '';
}
