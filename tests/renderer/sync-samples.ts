import type { ClerkState } from '../../shared/contract/clerk.ts';
import type { JournalStatus } from '../../shared/contract/journal.ts';
import type { Json } from '../../shared/sync/canonical-json.ts';
import type { ConflictView, Evidence, EventView } from '../../renderer/src/db/sync-views.ts';
import { acceptedBody } from '../fixtures/cases.ts';

export const THIS_DEV = '0123456789ABCDEFGHJKMNPQRS';
export const OTHER_DEV = '9'.repeat(26);

/** A hall without clerks of its own: everybody works, as before there were any. */
export const NO_CLERKS: ClerkState = {
  required: false,
  clerk: null,
  lockedUntil: null,
  offlineUntil: null,
  idleMinutes: null,
};

/** A journal that is as it should be. */
export const JOURNAL: JournalStatus = {
  head: { dev: THIS_DEV, inc: '1'.repeat(32), seq: 42, hash: 'a1'.repeat(32) },
  segments: 1,
  bytes: 84_000,
  lastSyncMs: 0.42,
  reserve: 'there',
  freeBytes: 38 * 1024 ** 3,
  incarnations: 1,
  unsent: 0,
  stuck: 0,
  acknowledgedSeq: 42,
  copies: { folder: null, lastAt: null, files: 0, error: null },
  missing: [],
};

/** A store that is level with it. */
export const EVIDENCE: Evidence = {
  journalHead: { inc: JOURNAL.head.inc, seq: 42, hash: JOURNAL.head.hash },
  storeHead: { inc: JOURNAL.head.inc, seq: 42 },
  cursor: 1234,
  streamHash: 'b2'.repeat(32),
  verifiedAt: Date.UTC(2026, 10, 21, 2, 42),
  epoch: 'c3'.repeat(16),
  unsent: 0,
  oldestUnsentAt: '',
  conflictsOpen: 0,
  backfill: null,
  storage: { backend: 'leveldb', persisted: true, usedBytes: 24_000_000, quotaBytes: 20_000_000_000 },
  events: 1234,
  cases: 310,
};

export const view = (more: Partial<EventView>): EventView => ({
  hash: 'f'.repeat(64),
  type: 'ticket.called',
  at: '2026-11-21T10:42:05.000+08:00',
  user: 'clerk-1',
  station: 'W3',
  dev: THIS_DEV,
  body: { station: 'W3' },
  ...more,
});

/** Two windows called A017 while the line was down; this one came second. */
export const CALLED_TWICE: ConflictView = {
  id: 'e1'.repeat(32),
  agg: 'ticket/2026-11-21-A017',
  kind: 'called-twice',
  state: 'open',
  mine: view({ hash: 'e1'.repeat(32), at: '2026-11-21T10:43:11.000+08:00' }),
  theirs: view({ station: 'W5', dev: OTHER_DEV, user: 'clerk-5', body: { station: 'W5' } }),
  seen: view({
    type: 'ticket.taken',
    station: 'W1',
    at: '2026-11-21T10:31:00.000+08:00',
    body: { no: 'A017', class: 'normal', day: '2026-11-21' },
  }),
};

const json = (value: object): { [key: string]: Json } =>
  JSON.parse(JSON.stringify(value)) as { [key: string]: Json };

/** One case accepted at two windows, with another fee and another number of the same person. */
export const ACCEPTED_TWICE: ConflictView = {
  id: 'd2'.repeat(32),
  agg: 'case/two',
  kind: 'accepted-twice',
  state: 'open',
  theirs: view({
    type: 'case.accepted',
    station: 'W5',
    dev: OTHER_DEV,
    user: 'clerk-5',
    body: json({
      ...acceptedBody(7),
      form: {
        phone: { value: '13800001111', source: 'clerk' },
        name: { value: '测试甲', source: 'card' },
        cardAddress: { value: '演示市演示区测试路 1 号', source: 'card' },
      },
      materials: [{ id: 'idCard', name: '身份证', state: 'seen-returned', originals: 1, copies: 0 }],
    }),
  }),
  mine: view({
    type: 'case.accepted',
    hash: 'd2'.repeat(32),
    at: '2026-11-21T10:44:00.000+08:00',
    body: json({
      ...acceptedBody(7),
      feeFen: 500,
      form: {
        phone: { value: '13800002222', source: 'clerk' },
        name: { value: '测试甲', source: 'card' },
        cardAddress: { value: '演示市演示区测试路 1 号', source: 'card' },
      },
      materials: [
        { id: 'idCard', name: '身份证', state: 'tolerated', originals: 1, copies: 0, due: '2026-12-01' },
      ],
    }),
  }),
  seen: null,
};

/** A number was called although nobody at this window knew that it had been served; decided already. */
export const DECIDED: ConflictView = {
  ...CALLED_TWICE,
  id: 'c3'.repeat(32),
  agg: 'ticket/2026-11-21-A009',
  kind: 'called-after-end',
  state: 'decided',
  decision: { choice: 'first', by: 'clerk-1', at: '2026-11-21T09:15:00.000+08:00', note: '已当面核对' },
  seen: null,
};
