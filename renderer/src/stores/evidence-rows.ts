import type { LineState } from '../../../shared/contract/central.ts';
import type { Output } from '../../../shared/contract/index.ts';
import type { Evidence } from '../db/sync-views.ts';
import { SHORT_DISK_BYTES, CLOCK_LIMIT_MS } from './alerts.ts';
import { agoWords, bytesText, shortHash } from './evidence-words.ts';
import { timeOrDay } from './local-time.ts';
import type { Tone } from './strip.ts';

/** One line of the sync page: label `syncPage.row.<id>`, value by message or plain. */
export interface EvidenceRow {
  id: string;
  value: { key: string; params: Record<string, string | number> } | { text: string };
  /** Absent: nothing to say about it. */
  tone?: Tone;
  /** The whole of what is shown short, for support. */
  copy?: string;
}
export interface EvidencePart {
  /** Left is what has to do with others, right what is here. */
  side: 'left' | 'right';
  id: 'send' | 'centre' | 'journal' | 'store' | 'copies';
  rows: EvidenceRow[];
}

interface State {
  journal: Output<'journal.status'>;
  evidence: Evidence;
  central: LineState | null;
  /** Milliseconds since 1970. */
  now: number;
  /** `YYYY-MM-DD` */
  today: string;
}

/** What can be proved about this PC's records, in the order somebody looks for it. */
export function evidenceParts(state: State): EvidencePart[] {
  return [
    { side: 'left', id: 'send', rows: sendRows(state) },
    { side: 'left', id: 'centre', rows: centreRows(state) },
    { side: 'left', id: 'copies', rows: copyRows(state) },
    { side: 'right', id: 'journal', rows: journalRows(state) },
    { side: 'right', id: 'store', rows: storeRows(state) },
  ];
}

function sendRows({ journal, evidence, now, today }: State): EvidenceRow[] {
  const oldest = Date.parse(evidence.oldestUnsentAt);
  return [
    evidence.unsent === 0
      ? row('unsent', say('unsentNone'), 'ok')
      : row('unsent', say('unsent', { n: evidence.unsent }), 'warn'),
    ...(Number.isNaN(oldest)
      ? []
      : [
          row('oldest', {
            key: `syncPage.value.oldest.${agoWords(now - oldest).unit}`,
            params: { time: timeOrDay(oldest, today), n: agoWords(now - oldest).n },
          }),
        ]),
    row('acknowledged', say('upToNo', { n: journal.acknowledgedSeq })),
    ...(journal.stuck > 0 ? [row('stuck', say('stuck', { n: journal.stuck }), 'bad')] : []),
  ];
}

function centreRows({ evidence, central, today }: State): EvidenceRow[] {
  const skew = central?.clockSkewMs ?? null;
  return [
    row('server', central?.server ? { text: central.server } : say('noServer')),
    row('lastAnswer', timeSaid(central?.lastAnswerAt ?? null, today)),
    row('verified', timeSaid(evidence.verifiedAt, today), evidence.verifiedAt === null ? 'warn' : 'ok'),
    row('cursor', say('upToNo', { n: evidence.cursor })),
    { ...row('streamHash', { text: shortHash(evidence.streamHash) }), copy: evidence.streamHash },
    { ...row('epoch', { text: shortHash(evidence.epoch) || '—' }), copy: evidence.epoch },
    skew === null
      ? row('clock', say('unknown'))
      : Math.abs(skew) <= CLOCK_LIMIT_MS
        ? row('clock', say('clockGood', { n: Math.round(Math.abs(skew) / 1000) }), 'ok')
        : row(
            'clock',
            say(skew > 0 ? 'clockSlow' : 'clockFast', { n: Math.round(Math.abs(skew) / 60_000) }),
            'warn',
          ),
  ];
}

function journalRows({ journal, evidence }: State): EvidenceRow[] {
  const behind =
    evidence.storeHead.inc === journal.head.inc ? journal.head.seq - evidence.storeHead.seq : null;
  const lost = journal.missing.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  return [
    {
      ...row('journalHead', say('head', { n: journal.head.seq, hash: journal.head.hash.slice(0, 8) || '—' })),
      copy: journal.head.hash,
    },
    behind === 0
      ? row('storeHead', say('storeLevel'), 'ok')
      : row('storeHead', behind === null ? say('storeOther') : say('storeBehind', { n: behind }), 'warn'),
    lost === 0 ? row('missing', say('whole'), 'ok') : row('missing', say('missing', { n: lost }), 'bad'),
    journal.incarnations <= 1
      ? row('incarnations', say('incarnationsNone'), 'ok')
      : row('incarnations', say('incarnations', { n: journal.incarnations - 1 }), 'info'),
    row('size', say('size', { n: journal.segments, size: bytesText(journal.bytes) })),
    row(
      'lastSync',
      journal.lastSyncMs === null ? say('never') : say('ms', { n: Math.round(journal.lastSyncMs * 10) / 10 }),
    ),
    row(
      'disk',
      say('free', { size: bytesText(journal.freeBytes) }),
      journal.freeBytes < SHORT_DISK_BYTES ? 'bad' : 'ok',
    ),
    row(
      'reserve',
      { key: `syncPage.value.reserve.${journal.reserve}`, params: {} },
      journal.reserve === 'released' ? 'bad' : undefined,
    ),
  ];
}

function storeRows({ evidence }: State): EvidenceRow[] {
  const { storage } = evidence;
  return [
    row('backend', { key: `syncPage.value.backend.${storage.backend}`, params: {} }),
    row(
      'persisted',
      say(storage.persisted ? 'persisted' : 'notPersisted'),
      storage.persisted ? 'ok' : 'info',
    ),
    row('used', say('used', { used: bytesText(storage.usedBytes), quota: bytesText(storage.quotaBytes) })),
    row('held', say('held', { cases: evidence.cases, events: evidence.events })),
    evidence.backfill
      ? row('backfill', say('backfill', { n: evidence.backfill.left }), 'info')
      : row('backfill', say('backfillDone'), 'ok'),
  ];
}

function copyRows({ journal, today }: State): EvidenceRow[] {
  const { copies } = journal;
  if (copies.folder === null) return [row('copyFolder', say('noCopies'), 'info')];
  return [
    row('copyFolder', { text: copies.folder }),
    row('copyLast', timeSaid(copies.lastAt, today), copies.lastAt === null ? 'warn' : undefined),
    row('copyFiles', say('files', { n: copies.files })),
    ...(copies.error === null ? [] : [row('copyError', say('copyError'), 'bad')]),
  ];
}

const say = (key: string, params: Record<string, string | number> = {}): EvidenceRow['value'] => ({
  key: `syncPage.value.${key}`,
  params,
});
const row = (id: string, value: EvidenceRow['value'], tone?: Tone): EvidenceRow => ({
  id,
  value,
  ...(tone ? { tone } : {}),
});
const timeSaid = (ms: number | null, today: string): EvidenceRow['value'] =>
  ms === null ? say('never') : { text: timeOrDay(ms, today) };
