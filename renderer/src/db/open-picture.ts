import type { HeldEvent } from '../../../shared/sync/held-event.ts';
import { pictureOf, type AggregatePicture } from '../../../shared/sync/picture.ts';
import type { CaseRow } from './hall-db.ts';
import { openLog, type Here } from './gather.ts';
import type { OwnPosition } from './positions.ts';
import type { LogRow } from './schema.ts';

/** What a row says, folded now: by this version's rules, from events that were never rewritten. */
export function openPicture(
  here: Here,
  own: readonly OwnPosition[],
  row: LogRow,
): { picture: AggregatePicture | null; log: HeldEvent[] } {
  const log = openLog(here.seal, row);
  return {
    picture: pictureOf(
      row.agg,
      log,
      own.map(({ inc }) => inc),
    ),
    log,
  };
}

/** A case as lists show it; undefined when the row is none. */
export function openCase(here: Here, own: readonly OwnPosition[], row: LogRow): CaseRow | undefined {
  const { picture, log } = openPicture(here, own, row);
  if (!picture?.case) return undefined;
  return { state: picture.case, travel: travelOf(here, own, log) };
}

/** Sent, when the server has acknowledged the acceptance or another device made it. */
function travelOf(here: Here, own: readonly OwnPosition[], log: readonly HeldEvent[]): CaseRow['travel'] {
  const accepted = log.find(({ event }) => event.type === 'case.accepted');
  if (!accepted || accepted.event.dev !== here.dev || accepted.cursor !== undefined) return 'sent';
  const { inc, seq } = accepted.event;
  return seq <= (own.find((entry) => entry.inc === inc)?.acknowledged ?? 0) ? 'sent' : 'saved';
}
