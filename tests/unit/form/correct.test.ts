import { describe, expect, it } from 'vitest';
import { correct } from '../../../shared/domain/form/correct.ts';
import { record } from './sample-card.ts';

const by = { source: 'applicant' as const, clerk: 'clerk-1', today: '2026-11-20' };
const fromCard = record('北京市东城区测试路1号', 'card', { sourceRef: 'read-1' });

describe('correcting a value', () => {
  it('keeps what was replaced and why', () => {
    expect(correct(fromCard, '杭州市上城区某路3号', by, '已搬家')).toEqual({
      value: '杭州市上城区某路3号',
      source: 'applicant',
      sourceDate: '2026-11-20',
      sourceRef: '',
      acceptedBy: 'clerk-1',
      replaced: {
        value: '北京市东城区测试路1号',
        source: 'card',
        sourceDate: '2025-03-02',
        reason: '已搬家',
      },
    });
  });

  it('twice keeps what stood there first', () => {
    const twice = correct(correct(fromCard, 'A', by, '已搬家'), 'B', { ...by, source: 'clerk' }, '');
    expect(twice).toMatchObject({
      value: 'B',
      source: 'clerk',
      replaced: { value: fromCard.value, reason: '已搬家' },
    });
    expect(correct(twice, 'C', by, '再改')).toMatchObject({
      replaced: { value: fromCard.value, reason: '再改' },
    });
  });

  it('back to what stood there first undoes it', () => {
    const undone = correct(correct(fromCard, 'A', by, '已搬家'), fromCard.value, by, '');
    expect(undone).toMatchObject({ value: fromCard.value, source: 'card', sourceDate: '2025-03-02' });
    expect(undone).not.toHaveProperty('replaced');
  });

  it('to the same value is no correction', () => {
    expect(correct(fromCard, fromCard.value, by, 'x')).toBe(fromCard);
  });

  it('of an empty or a typed field replaces nothing', () => {
    expect(correct(undefined, 'A', by, '')).not.toHaveProperty('replaced');
    expect(correct(record('A', 'clerk'), 'B', by, '')).not.toHaveProperty('replaced');
    expect(correct(record('A', 'typed'), 'B', by, '')).not.toHaveProperty('replaced');
    expect(correct(record('A', 'camera'), 'B', by, '误读').replaced).toMatchObject({ source: 'camera' });
    expect(correct(record('', 'card'), 'B', by, '')).not.toHaveProperty('replaced');
  });
});
