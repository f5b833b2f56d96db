import type { Command } from '../../shared/contract/central.ts';
import { GRANT_MS } from '../../shared/sync/messages.ts';
import { decide } from '../../shared/sync/decide.ts';
import { logsOf } from '../projections/hall-logs.ts';
import type { Database } from './database.ts';
import { storable } from './storable.ts';

export type CommandResult =
  | { granted: true; untilMs: number }
  /** `by`: the station that was first or is asking at this moment, '' when none is known. */
  | { granted: false; reason: string; by: string };

/**
 * Whether a command may happen now, by the same rules the fact will be judged by. A yes holds the aggregate for the
 * device that asked until its fact is here or the time is over, so that two windows that ask at once do not both hear
 * yes (P1). Facts that were not asked for are taken as ever: they have happened.
 */
export async function askCommand(
  database: Database,
  asker: { hall: string; dev: string },
  command: Command,
): Promise<CommandResult> {
  const { hall, dev } = asker;
  const agg = storable(command.agg);
  return database.transaction(async (client) => {
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 21861))', [`${hall} ${agg}`]);
    const held = await client.query<{ dev: string; cmd: string; station: string }>(
      `select g.dev, g.cmd, d.station from command_grant g join device d on d.dev = g.dev
       where g.hall = $1 and g.agg = $2 and g.until > now()`,
      [hall, agg],
    );
    const holder = held.rows[0];
    if (holder && holder.dev !== dev) return { granted: false, reason: 'held', by: holder.station };
    const own = await client.query<{ station: string }>('select station from device where dev = $1', [dev]);
    const log = (await logsOf(client, hall, [agg])).get(agg) ?? [];
    const { type, body } = command;
    const answer = decide(log, { type, body, station: own.rows[0]?.station ?? '', dev });
    if (!answer.ok) return { granted: false, reason: answer.reason, by: answer.by };
    await client.query('delete from command_grant where hall = $1 and until < now()', [hall]);
    await client.query(
      `insert into command_grant (hall, agg, dev, cmd, until)
       values ($1, $2, $3, $4, now() + make_interval(secs => $5::double precision / 1000))
       on conflict (hall, agg) do update set dev = excluded.dev, cmd = excluded.cmd, until = excluded.until`,
      [hall, agg, dev, command.cmd, GRANT_MS],
    );
    return { granted: true, untilMs: GRANT_MS };
  });
}
