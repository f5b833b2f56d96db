import { describe, expect, it } from 'vitest';
import { alertsOf } from '../../../renderer/src/stores/alerts.ts';
import { evidenceParts } from '../../../renderer/src/stores/evidence-rows.ts';
import { agoWords, bytesText, shortHash } from '../../../renderer/src/stores/evidence-words.ts';
import zh from '../../../renderer/src/messages/zh-CN.json';
import { EVIDENCE, JOURNAL } from '../sync-samples.ts';

const NOW = Date.UTC(2026, 10, 21, 3, 0);
const good = { journal: JOURNAL, evidence: EVIDENCE, skewMs: 900, conflictsOpen: 0, now: NOW };
const names = (more: Partial<Parameters<typeof alertsOf>[0]>): string[] =>
  alertsOf({ ...good, ...more }).map(({ name }) => name);

describe('what a person should see to', () => {
  it('is nothing while all is well, and nothing while nothing is known', () => {
    expect(names({})).toEqual([]);
    expect(names({ journal: null, evidence: null, skewMs: null })).toEqual([]);
  });

  it('is a clock that is off by more than two minutes, either way', () => {
    expect(names({ skewMs: 119_000 })).toEqual([]);
    expect(names({ skewMs: 121_000 })).toEqual(['clockSlow']);
    expect(names({ skewMs: -121_000 })).toEqual(['clockFast']);
  });

  it('is a short disk, and a full one instead of it', () => {
    expect(names({ journal: { ...JOURNAL, freeBytes: 400 * 1024 ** 2 } })).toEqual(['diskShort']);
    expect(names({ journal: { ...JOURNAL, freeBytes: 0, reserve: 'released' } })).toEqual(['diskFull']);
  });

  it('is the most pressing thing first', () => {
    const journal = {
      ...JOURNAL,
      freeBytes: 1,
      stuck: 2,
      missing: [{ inc: 'a', from: 3, to: 5 }],
      copies: { folder: 'E:', lastAt: null, files: 0, error: 'EACCES' },
    };
    const evidence = { ...EVIDENCE, backfill: { left: 9 } };
    expect(names({ journal, evidence, skewMs: 500_000, conflictsOpen: 1 })).toEqual([
      'diskShort',
      'missing',
      'stuck',
      'clockSlow',
      'conflicts',
      'copies',
      'backfill',
    ]);
    expect(alertsOf({ ...good, journal })[1]).toMatchObject({ params: { n: 3 } });
  });

  it('is a copy that has grown old, when copies are made at all', () => {
    const copies = { folder: 'E:', lastAt: NOW - 3 * 86_400_000, files: 1, error: null };
    expect(names({ journal: { ...JOURNAL, copies } })).toEqual(['copiesOld']);
  });
});

describe('the evidence of the sync page', () => {
  const parts = (more: Partial<Parameters<typeof evidenceParts>[0]> = {}) =>
    evidenceParts({
      journal: JOURNAL,
      evidence: EVIDENCE,
      central: null,
      now: NOW,
      today: '2026-11-21',
      ...more,
    });
  const row = (id: string, more?: Parameters<typeof parts>[0]) =>
    parts(more)
      .flatMap(({ rows }) => rows)
      .find((one) => one.id === id);

  it('has a label for every line and words for every value, whatever state the machine is in', () => {
    const bad = {
      journal: {
        ...JOURNAL,
        stuck: 1,
        incarnations: 2,
        lastSyncMs: null,
        missing: [{ inc: 'a', from: 1, to: 2 }],
        reserve: 'released' as const,
        copies: { folder: 'E:', lastAt: null, files: 0, error: 'EIO' },
      },
      evidence: {
        ...EVIDENCE,
        unsent: 3,
        oldestUnsentAt: '2026-11-21T09:12:00.000+08:00',
        verifiedAt: null,
        storeHead: { inc: JOURNAL.head.inc, seq: 40 },
        backfill: { left: 5 },
      },
    };
    const labels = zh.syncPage.row as Record<string, string>;
    for (const state of [{}, bad])
      for (const { id, value } of parts(state).flatMap(({ rows }) => rows)) {
        expect(labels[id], id).toBeTruthy();
        if (!('key' in value)) continue;
        const found = value.key
          .split('.')
          .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], zh);
        expect(typeof found, value.key).toBe('string');
      }
    expect(row('storeHead', bad)).toMatchObject({ tone: 'warn', value: { params: { n: 2 } } });
    expect(row('missing', bad)).toMatchObject({ tone: 'bad' });
  });

  it('does not call the store level when it holds another incarnation', () => {
    expect(row('storeHead')).toMatchObject({ tone: 'ok' });
    const evidence = { ...EVIDENCE, storeHead: { inc: 'other', seq: 42 } };
    expect(row('storeHead', { evidence })).toMatchObject({ tone: 'warn' });
  });

  it('shows a hash short and copies it whole', () => {
    expect(row('streamHash')).toMatchObject({
      value: { text: 'b2b2b2b2…b2b2b2b2' },
      copy: EVIDENCE.streamHash,
    });
  });
});

describe('words for figures', () => {
  it('are short and never negative', () => {
    expect([0, 812, 1536, 38 * 1024 ** 3].map(bytesText)).toEqual(['0 B', '812 B', '1.5 KB', '38 GB']);
    expect(agoWords(-5)).toEqual({ unit: 'minutes', n: 0 });
    expect(agoWords(3 * 3_600_000)).toEqual({ unit: 'hours', n: 3 });
    expect(agoWords(72 * 3_600_000)).toEqual({ unit: 'days', n: 3 });
    expect(shortHash('abc')).toBe('abc');
  });
});
