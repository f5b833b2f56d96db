import { foldCase } from '../../../shared/domain/case/reducer.ts';
import { canonicalJson } from '../../../shared/sync/canonical-json.ts';
import { hashText, nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../../shared/sync/hash.ts';
import type { HallEvent } from '../../../shared/sync/event.ts';
import type { TestServer } from '../../server/start.ts';
import type { Saves } from './load-page.ts';

/** What the oracles of the fault checklist found; all empty on a day on which nothing was lost. */
export interface Verdict {
  /** Events of saved commands that the server does not have (O1). */
  lost: string[];
  /** Events that the server has more than once (O1). */
  doubled: string[];
  /** Commands of which only some events are there. */
  torn: string[];
  /** Two cases with one number (P2). */
  sameNumber: string[];
  /** Gaps in the order, hashes and rolling hashes that do not fit (S1, S4). */
  broken: string[];
  events: number;
  cases: number;
}

interface Row {
  cursor: number;
  bytes: string;
  hash: string;
  stream_hash: string;
}

/** Compares what the windows were told with what the server holds, event by event. */
export async function judge(server: TestServer, saves: Saves): Promise<Verdict> {
  const rows = await server.query<Row>('select cursor, bytes, hash, stream_hash from event order by cursor');
  const verdict: Verdict = {
    lost: [],
    doubled: [],
    torn: [],
    sameNumber: [],
    broken: [],
    events: 0,
    cases: 0,
  };
  const perCommand = new Map<string, number>();
  const numbers = new Map<string, string>();
  const places = new Set<string>();
  let streamHash = STREAM_HASH_OF_NOTHING;
  rows.forEach((row, index) => {
    const event = JSON.parse(row.bytes) as HallEvent;
    streamHash = nextStreamHash(streamHash, row.hash);
    if (row.cursor !== index + 1 || hashText(row.bytes) !== row.hash || row.stream_hash !== streamHash)
      verdict.broken.push(`cursor ${row.cursor}`);
    const { cmd, dev, inc, seq, type, body } = event;
    // One command never says the same thing of the same aggregate twice.
    const saying = `${cmd || `${dev} ${inc} ${seq}`} ${event.agg} ${type}`;
    if (places.has(saying)) verdict.doubled.push(saying);
    places.add(saying);
    if (cmd) perCommand.set(cmd, (perCommand.get(cmd) ?? 0) + 1);
    if (type !== 'case.accepted') return;
    verdict.cases += 1;
    const caseNo = body['caseNo'] as string;
    const other = numbers.get(caseNo);
    if (other !== undefined && other !== event.agg) verdict.sameNumber.push(caseNo);
    numbers.set(caseNo, event.agg);
  });
  verdict.events = rows.length;
  for (const [cmd, count] of saves.told) {
    const there = perCommand.get(cmd) ?? 0;
    if (there < count) verdict.lost.push(`${cmd}: ${there} of ${count}`);
  }
  for (const [cmd, count] of saves.begun) {
    const there = perCommand.get(cmd) ?? 0;
    if (there !== 0 && there !== count) verdict.torn.push(`${cmd}: ${there} of ${count}`);
  }
  return verdict;
}

/** Every case by a fresh fold of the server's log, comparable with what a window shows (O2). */
export async function foldedCases(server: TestServer): Promise<Record<string, unknown>> {
  const rows = await server.query<{ agg: string; bytes: string; hash: string }>(
    "select agg, bytes, hash from event where agg like 'case/%' order by cursor",
  );
  const logs = new Map<string, (HallEvent & { hash: string })[]>();
  for (const { agg, bytes, hash } of rows) {
    const log = logs.get(agg) ?? [];
    log.push({ ...(JSON.parse(bytes) as HallEvent), hash });
    logs.set(agg, log);
  }
  return Object.fromEntries(
    [...logs].flatMap(([agg, log]) => {
      const state = foldCase(log);
      return state ? [[agg, state]] : [];
    }),
  );
}

/** @returns aggregates in which two pictures differ */
export function differences(one: Record<string, unknown>, other: Record<string, unknown>): string[] {
  const text = (value: unknown): string =>
    value === undefined ? 'absent' : canonicalJson(JSON.parse(JSON.stringify(value)) as never);
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (agg) => text(one[agg]) !== text(other[agg]),
  );
}
