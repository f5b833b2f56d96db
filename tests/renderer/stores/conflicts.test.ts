import { beforeEach, describe, expect, it } from 'vitest';
import { CodedError } from '../../../shared/contract/errors.ts';
import { factRows } from '../../../renderer/src/stores/conflict-facts.ts';
import { lossOf } from '../../../renderer/src/stores/conflict-loss.ts';
import { useConflicts } from '../../../renderer/src/stores/conflicts.ts';
import { useStrip } from '../../../renderer/src/stores/strip.ts';
import { setUp, settle } from '../fakes.ts';
import { ACCEPTED_TWICE, CALLED_TWICE, DECIDED, OTHER_DEV, THIS_DEV } from '../sync-samples.ts';

describe('conflicts', () => {
  let world: ReturnType<typeof setUp>;
  beforeEach(() => {
    localStorage.clear();
    world = setUp();
  });

  it('tells the desk whose record does not count, once, and not again after a restart', async () => {
    const conflicts = useConflicts();
    const strip = useStrip();
    world.store.setConflicts([CALLED_TWICE]);
    await settle();
    expect(strip.message).toMatchObject({ key: 'conflictTold.open', params: { what: 'A017', n: '5' } });
    strip.clear();
    await conflicts.load();
    await settle();
    expect(strip.message).toBeNull();
    // The window is opened again; what was told stays told.
    world = setUp();
    const again = useStrip();
    useConflicts();
    world.store.setConflicts([CALLED_TWICE]);
    await settle();
    expect(again.message).toBeNull();
  });

  it('says nothing over an error that still stands, and says it afterwards', async () => {
    useConflicts();
    const strip = useStrip();
    strip.fail(new CodedError('JOURNAL_DISK_FULL'));
    world.store.setConflicts([CALLED_TWICE]);
    await settle();
    expect(strip.message?.key).toBe('error.JOURNAL_DISK_FULL');
    strip.clear();
    await settle();
    expect(strip.message?.key).toBe('conflictTold.open');
  });

  it('records nothing before one of the two was chosen, then the choice with its note', async () => {
    const conflicts = useConflicts();
    world.store.setConflicts([CALLED_TWICE, ACCEPTED_TWICE]);
    await settle();
    expect(await conflicts.confirm()).toBe(false);
    conflicts.choose('second');
    conflicts.note = ' 已当面核对 ';
    expect(await conflicts.confirm()).toBe(true);
    expect(world.store.decisions).toEqual([{ id: CALLED_TWICE.id, choice: 'second', note: '已当面核对' }]);
    // The next open one, with nothing chosen: the same key again must not decide it.
    expect(conflicts.chosen?.id).toBe(ACCEPTED_TWICE.id);
    expect(conflicts.choice).toBeNull();
    expect(conflicts.note).toBe('');
  });

  it('changes a decision by a later one, and takes the same one again for nothing', async () => {
    const conflicts = useConflicts();
    world.store.setConflicts([DECIDED]);
    await settle();
    conflicts.choose('first');
    expect(conflicts.choice).toBeNull();
    conflicts.choose('second');
    await conflicts.confirm();
    expect(world.store.decisions).toMatchObject([{ id: DECIDED.id, choice: 'second' }]);
  });

  it('keeps the choice when it could not be recorded, and says why', async () => {
    const conflicts = useConflicts();
    world.store.setConflicts([CALLED_TWICE]);
    await settle();
    conflicts.choose('first');
    world.store.failNextSave(new CodedError('JOURNAL_WRITE_FAILED'));
    expect(await conflicts.confirm()).toBe(false);
    expect(conflicts.choice).toBe('first');
    expect(useStrip().message?.key).toBe('error.JOURNAL_WRITE_FAILED');
  });
});

describe('who is told of a conflict', () => {
  const self = { dev: THIS_DEV, clerk: '' };

  it('is the device of the record that does not count, undecided or decided', () => {
    expect(lossOf(CALLED_TWICE, self)).toMatchObject({ kind: 'open' });
    expect(lossOf(CALLED_TWICE, { dev: OTHER_DEV, clerk: '' })).toBeNull();
    const second = { ...DECIDED, decision: { choice: 'second' as const, by: 'x', at: 't', note: '' } };
    expect(lossOf(second, self)).toBeNull();
    expect(lossOf(second, { dev: OTHER_DEV, clerk: '' })).toMatchObject({ kind: 'decided' });
  });

  it('is the clerk who made it, also at another window by now', () => {
    expect(lossOf(CALLED_TWICE, { dev: 'X', clerk: 'clerk-1' })).not.toBeNull();
    expect(lossOf(CALLED_TWICE, { dev: 'X', clerk: '' })).toBeNull();
  });
});

describe('two events side by side', () => {
  const rows = factRows(ACCEPTED_TWICE.theirs, ACCEPTED_TWICE.mine, (_code, _kind, id) => `问 ${id}`);
  const row = (id: string) => rows.find((one) => one.id === id);

  it('are compared by what was recorded and shown masked', () => {
    expect(row('form:phone')).toMatchObject({
      label: { text: '问 phone' },
      first: { text: '138****1111' },
      second: { text: '138****2222' },
      differs: true,
    });
    expect(row('idNumber')).toMatchObject({ first: { text: '1101****7777' }, differs: false });
    expect(row('name')).toMatchObject({ first: { text: '测**' } });
    expect(row('form:name')).toMatchObject({ first: { text: '测**' }, differs: false });
    expect(row('material:idCard')).toMatchObject({ differs: true });
    expect(JSON.stringify(rows)).not.toContain('110101190001017777');
  });

  it('differ where the mask hides the difference', () => {
    const body = {
      ...ACCEPTED_TWICE.mine.body,
      applicant: { name: '测试乙', idNumber: '110101190002017777' },
    };
    const other = factRows(ACCEPTED_TWICE.theirs, { ...ACCEPTED_TWICE.mine, body }, () => '');
    const number = other.find(({ id }) => id === 'idNumber');
    expect(number?.first).toEqual(number?.second);
    expect(number?.differs).toBe(true);
  });

  it('do not repeat the window that recorded them, and stand alone when there is no other', () => {
    expect(factRows(CALLED_TWICE.theirs, CALLED_TWICE.mine, () => '')).toEqual([]);
    const alone = factRows(null, { ...CALLED_TWICE.mine, body: { station: 'W9' } }, () => '');
    expect(alone).toMatchObject([{ id: 'station', first: { text: '—' }, differs: true }]);
  });
});
