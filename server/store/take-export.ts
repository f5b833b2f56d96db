import { headText } from '../../shared/sync/messages.ts';
import { readEvent } from '../../shared/sync/event.ts';
import { openExport, readExport, type ExportedEvent } from '../../shared/sync/export-file.ts';
import type { Database } from './database.ts';
import { readDevice } from './devices.ts';
import { exportCrypto, openExportKey } from './export-key.ts';
import { pushEvents } from './push.ts';

export type TakenExport =
  | {
      ok: true;
      hall: string;
      dev: string;
      events: number;
      /** Events the server did not have. */
      added: number;
      /** The hall's new head; null when nothing was new. */
      head: number | null;
      /** Events that could not be put in: something before them is missing here, or another event stands there. */
      left: { inc: string; from: number; why: 'gap' | 'fork' | 'lie' }[];
    }
  | {
      ok: false;
      why: 'not-an-export' | 'cut-off' | 'changed' | 'other-server' | 'other-hall' | 'unknown-device';
    };

/**
 * Takes a device's export into its hall's stream, as pushes would have brought it. Twice changes nothing.
 * @param hall when given, a file of another hall is refused
 */
export async function takeExport(
  database: Database,
  exportKey: string,
  bytes: Uint8Array,
  hall?: string,
): Promise<TakenExport> {
  const result = readExport(bytes, exportCrypto);
  if (!result.ok) return { ok: false, why: result.fault };
  const { header } = result.read;
  const { dev } = header;
  if (hall !== undefined && header.hall !== hall) return { ok: false, why: 'other-hall' };
  const key = openExportKey(exportKey, header);
  if (!key) return { ok: false, why: 'other-server' };
  const device = await readDevice(database.pool, dev);
  if (device?.publicKey !== header.publicKey) return { ok: false, why: 'unknown-device' };
  const events = openExport(result.read, key, exportCrypto);
  if (!events) return { ok: false, why: 'changed' };
  const taken: Extract<TakenExport, { ok: true }> = {
    ok: true,
    hall: header.hall,
    dev,
    events: events.length,
    added: 0,
    head: null,
    left: [],
  };
  for (const run of runsOf(events)) {
    const of = { hall: header.hall, dev, inc: run.inc };
    const before = await headOf(database, of);
    const last = run.events.at(-1);
    const seq = run.from + run.events.length - 1;
    const text = headText({ ...of, seq, hash: last?.hash ?? '' });
    const signed =
      last?.sig !== undefined && exportCrypto.verify(header.publicKey, text, Buffer.from(last.sig, 'base64'));
    const answer = await pushEvents(database, {
      ...of,
      from: run.from,
      events: run.events.map(({ bytes: event, hash }) => ({ bytes: event, hash })),
      signature: signed ? (last.sig ?? '') : '',
    });
    if (answer.kind !== 'taken') {
      taken.left.push({ inc: run.inc, from: run.from, why: answer.kind });
      continue;
    }
    taken.added += Math.max(0, answer.upTo - Math.max(before, run.from - 1));
    taken.head = answer.head ?? taken.head;
  }
  return taken;
}

async function headOf(database: Database, of: { hall: string; dev: string; inc: string }): Promise<number> {
  const found = await database.pool.query<{ seq: number }>(
    'select seq from incarnation where hall = $1 and dev = $2 and inc = $3',
    [of.hall, of.dev, of.inc],
  );
  return found.rows[0]?.seq ?? 0;
}

/** @returns stretches of one incarnation without a gap, as a push takes them; one ends where a signature stands */
function runsOf(events: ExportedEvent[]): { inc: string; from: number; events: ExportedEvent[] }[] {
  const runs: { inc: string; from: number; events: ExportedEvent[] }[] = [];
  for (const event of events) {
    const read = readEvent(event.bytes, event.hash);
    if (!read.ok) continue;
    const { inc, seq } = read.kept.event;
    const run = runs.at(-1);
    const follows =
      run?.inc === inc &&
      run.from + run.events.length === seq &&
      run.events.at(-1)?.sig === undefined &&
      run.events.length < 500;
    if (run && follows) run.events.push(event);
    else runs.push({ inc, from: seq, events: [event] });
  }
  return runs;
}
