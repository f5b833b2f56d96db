import type { PoolClient } from 'pg';
import { isKnownEvent } from '../../shared/domain/events.ts';
import type { HeldEvent } from '../../shared/sync/held-event.ts';
import type { KeptEvent } from '../../shared/sync/event.ts';
import { pictureOf, type AggregatePicture } from '../../shared/sync/picture.ts';
import { storable } from '../store/storable.ts';
import { claimsBeside, logsOf } from './hall-logs.ts';
import { PICTURES } from './pictures.ts';
import { writePictures } from './write-pictures.ts';

/**
 * Brings the pictures that back offices query up to date with new events, in the push's own transaction, before the
 * events are stored. Folds with the same code as the windows. What it cannot interpret is flagged, never refused:
 * the queue has no poison item.
 * @returns flags by the event's sequence: 'unknown-type', 'unreadable', 'conflict' or 'stale'
 */
export async function project(
  client: PoolClient,
  hall: string,
  fresh: readonly KeptEvent[],
): Promise<Map<number, string>> {
  const foldable = fresh.filter(
    ({ event: { agg } }) => agg === storable(agg) && PICTURES.some(({ prefix }) => agg.startsWith(prefix)),
  );
  const logs = await logsOf(client, hall, [...new Set(foldable.map(({ event }) => event.agg))]);
  for (const kept of foldable) logs.set(kept.event.agg, [...(logs.get(kept.event.agg) ?? []), kept]);
  const claims = await claimsBeside(client, hall, logs);
  const pictures = [...logs].flatMap(([agg, log]) => pictureOf(agg, log, [], claims) ?? []);
  await writePictures(client, hall, pictures);
  return flagsOf(fresh, pictures);
}

/** What is to be said of each new event; the hardest word counts. */
function flagsOf(fresh: readonly HeldEvent[], pictures: readonly AggregatePicture[]): Map<number, string> {
  const words = new Map<string, string>();
  for (const { stale, conflicts, unread } of pictures) {
    for (const { event } of stale) words.set(event, 'stale');
    for (const { mine } of conflicts) words.set(mine, 'conflict');
    for (const hash of unread) words.set(hash, 'unreadable');
  }
  const flags = new Map<number, string>();
  for (const { event, hash } of fresh) {
    const word = isKnownEvent(event) ? words.get(hash) : 'unknown-type';
    if (word !== undefined) flags.set(event.seq, word);
  }
  return flags;
}
