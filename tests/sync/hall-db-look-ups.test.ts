import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { prefixesOf } from '../../renderer/src/db/find-keys.ts';
import { HallStore } from '../../renderer/src/db/schema.ts';
import { memoryHall, memoryMachine } from '../fixtures/memory-machine.ts';
import { accepted, DAY, device, freshName, openOn, streamOf, ticket } from './hall-db-open.ts';

const machineA = () => memoryMachine(device('A'), memoryHall());

describe('finding by name', () => {
  const names = ['王丽', '王丽丽', '欧阳测试', '𠮷田测试', '阿卜杜拉·买买提', 'Zhang Wei'];

  async function filled() {
    const opened = await openOn(machineA(), freshName());
    for (const [i, name] of names.entries()) await opened.db.save(`cmd-000000${i}`, [accepted(i + 1, name)]);
    return opened;
  }
  const of = (rows: { state: { applicant: { name: string } } }[]): string[] =>
    rows.map(({ state }) => state.applicant.name).sort();

  it('counts characters, also rare ones, and looks past blanks, dots and letters’ size', async () => {
    const { db } = await filled();
    expect(of(await db.findByName('王', 'search'))).toEqual(['王丽', '王丽丽']);
    expect(of(await db.findByName('王丽丽', 'search'))).toEqual(['王丽丽']);
    expect(of(await db.findByName('欧阳', 'search'))).toEqual(['欧阳测试']);
    expect(of(await db.findByName('𠮷', 'search'))).toEqual(['𠮷田测试']);
    expect(of(await db.findByName('阿卜杜拉•买', 'search'))).toEqual(['阿卜杜拉·买买提']);
    expect(of(await db.findByName('zhangw', 'search'))).toEqual(['Zhang Wei']);
    expect(await db.findByName('李', 'search')).toEqual([]);
    expect(await db.findByName('  ', 'search')).toEqual([]);
  });

  it('makes beginnings of one to four characters, none of half a character', () => {
    expect(prefixesOf('𠮷田 测试员')).toEqual(['𠮷', '𠮷田', '𠮷田测', '𠮷田测试']);
    expect(prefixesOf('王')).toEqual(['王']);
  });

  it('leaves a trace of the search that does not hold the name', async () => {
    const machine = machineA();
    const { db } = await openOn(machine, freshName());
    await db.save('cmd-0000001', [accepted(1, '欧阳测试')]);
    await db.findByName('欧阳', 'search');
    const trace = machine.journal.at(-1)!.event;
    expect(trace).toMatchObject({ type: 'person.viewed', body: { reason: 'search', found: 1 } });
    expect(JSON.stringify(trace)).not.toContain('欧阳');
  });
});

describe('pages of cases', () => {
  it('give every case once, newest first, although many were accepted in one millisecond', async () => {
    const { db, sync } = await openOn(machineA(), freshName());
    const { page } = streamOf(Array.from({ length: 130 }, (_, i) => accepted(i + 1)));
    await sync.applyPage(page(1, 130));
    const seen: string[] = [];
    const times: string[] = [];
    let after: string | undefined;
    for (let pages = 0; pages < 20; pages++) {
      const { rows, next } = await db.casesPage({ limit: 20, ...(after === undefined ? {} : { after }) });
      seen.push(...rows.map(({ state }) => state.agg));
      times.push(...rows.map(({ state }) => state.acceptedAt));
      if (next === null) break;
      after = next;
    }
    expect(seen).toHaveLength(130);
    expect(new Set(seen).size).toBe(130);
    expect(times).toEqual([...times].sort().reverse());
  });
});

describe('conflicts', () => {
  async function twoCalls() {
    const name = freshName();
    const machine = machineA();
    const opened = await openOn(machine, name);
    const { page } = streamOf([
      ticket('B001'),
      { type: 'ticket.called', agg: 'ticket/B001', body: { station: '4' } },
    ]);
    await opened.sync.applyPage({ ...page(1, 1) });
    await opened.db.save('cmd-0000001', [
      { type: 'ticket.called', agg: 'ticket/B001', body: { station: '3' } },
    ]);
    await opened.sync.applyPage(page(2, 2));
    return { ...opened, machine, name };
  }

  it('show both versions and what the author had seen', async () => {
    const { db } = await twoCalls();
    const [conflict, ...others] = await db.conflicts();
    expect(others).toEqual([]);
    expect(conflict).toMatchObject({
      kind: 'called-twice',
      state: 'open',
      mine: { type: 'ticket.called', station: '3', body: { station: '3' } },
      theirs: { type: 'ticket.called', station: '4', body: { station: '4' } },
      seen: { type: 'ticket.taken' },
    });
    expect(await db.evidence()).toMatchObject({ conflictsOpen: 1, events: 3 });
    expect((await db.ticketsOfDay(DAY))[0]?.station).toBe('4');
  });

  it('are decided by an event, which a later one overrides', async () => {
    const { db, machine } = await twoCalls();
    const [conflict] = await db.conflicts();
    await db.decide(conflict!.id, 'second', '人已在3号窗口');
    expect(machine.journal.at(-1)!.event).toMatchObject({
      type: 'conflict.decided',
      agg: 'ticket/B001',
      body: { conflict: conflict!.id, choice: 'second', note: '人已在3号窗口' },
    });
    expect((await db.ticketsOfDay(DAY))[0]?.station).toBe('3');
    expect(await db.conflicts()).toMatchObject([{ state: 'decided', decision: { choice: 'second' } }]);
    expect(await db.evidence()).toMatchObject({ conflictsOpen: 0 });
    await db.decide(conflict!.id, 'first', '');
    expect((await db.ticketsOfDay(DAY))[0]?.station).toBe('4');
    await expect(db.decide('0'.repeat(64), 'first', '')).rejects.toMatchObject({
      code: 'STORE_CONFLICT_GONE',
    });
  });

  it('keep the note of a decision sealed', async () => {
    const { db, name } = await twoCalls();
    await db.decide((await db.conflicts())[0]!.id, 'first', '测试备注');
    const raw = new HallStore(name);
    const rows = JSON.stringify(await raw.conflicts.toArray(), (_, value: unknown) =>
      value instanceof Uint8Array ? new TextDecoder().decode(value) : value,
    );
    raw.close();
    expect(rows).not.toContain('测试备注');
  });
});

describe('what else the window asks', () => {
  it('refused commands are kept, newest first, the last hundred', async () => {
    const { db } = await openOn(machineA(), freshName());
    const command = { type: 'ticket.called', agg: 'ticket/A001', reason: 'called-twice', by: '4' };
    for (let i = 0; i < 103; i++)
      await db.noteRefused({ ...command, at: `2026-11-21T09:00:00.${String(i).padStart(3, '0')}Z` });
    const refused = await db.refused();
    expect(refused).toHaveLength(100);
    expect(refused[0]).toEqual({ ...command, at: '2026-11-21T09:00:00.102Z' });
  });

  it('says what an event about a thing would have seen', async () => {
    const machine = machineA();
    const { db } = await openOn(machine, freshName());
    expect(await db.seenOf('ticket/A001')).toEqual({ last: '', cursor: 0 });
    await db.save('cmd-0000001', [ticket('A001')]);
    expect(await db.seenOf('ticket/A001')).toEqual({ last: machine.journal[0]!.hash, cursor: 0 });
  });

  it('gives evidence that counts without walking', async () => {
    const { db, sync } = await openOn(machineA(), freshName());
    const { page, hashes } = streamOf([accepted(1), accepted(2), ticket('B001')]);
    await sync.applyPage(page(1, 3));
    await sync.applyPage(page(1, 3));
    await db.save('cmd-0000001', [accepted(3)]);
    const evidence = await db.evidence();
    expect(evidence).toMatchObject({
      events: 4,
      cases: 3,
      unsent: 1,
      cursor: 3,
      streamHash: hashes[3],
      backfill: null,
    });
    expect(evidence.storeHead).toEqual({ inc: '1'.repeat(32), seq: 1 });
    expect(evidence.journalHead).toMatchObject({ inc: '1'.repeat(32), seq: 1 });
    expect(evidence.verifiedAt).toBeGreaterThan(0);
    expect(evidence.storage.backend).toBe('unknown');
  });
});
