import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds } from '../../../shared/domain/item/conditions.ts';
import { feeOf } from '../../../shared/domain/item/fee.ts';
import type { Condition } from '../../../shared/domain/item/item.ts';
import { neededMaterials } from '../../../shared/domain/item/materials.ts';
import { openQuestions, pruneAnswers, visibleQuestions } from '../../../shared/domain/item/situation.ts';
import { sampleItem } from './sample-item.ts';

const item = sampleItem();
const ids = (parts: { id: string }[]): string[] => parts.map(({ id }) => id);

describe('a condition', () => {
  const house: Condition = { question: 'kind', is: ['house', 'flat'] };

  it.each<[Condition | undefined, Record<string, string>, boolean]>([
    [undefined, {}, true],
    [house, {}, false],
    [house, { kind: 'flat' }, true],
    [house, { kind: 'land' }, false],
    [{ not: house }, {}, true],
    [{ not: house }, { kind: 'house' }, false],
    [{ all: [house, { question: 'floor', is: ['lift'] }] }, { kind: 'house', floor: 'lift' }, true],
    [{ all: [house, { question: 'floor', is: ['lift'] }] }, { kind: 'house' }, false],
    [{ any: [house, { question: 'floor', is: ['lift'] }] }, { floor: 'lift' }, true],
    [{ any: [house] }, { kind: 'land' }, false],
    [{ question: 'toString', is: ['x'] }, {}, false],
  ])('%j with %j is %s', (condition, answers, expected) => {
    expect(holds(condition, answers)).toBe(expected);
  });
});

describe('the questions of a situation', () => {
  it('are asked in order, and one that hangs on another only after it', () => {
    expect(ids(openQuestions(item, {}))).toEqual(['kind']);
    expect(ids(openQuestions(item, { kind: 'house' }))).toEqual(['floor']);
    expect(ids(openQuestions(item, { kind: 'land' }))).toEqual([]);
    expect(ids(visibleQuestions(item, { kind: 'house', floor: 'lift' }))).toEqual(['kind', 'floor']);
  });

  it('lose the answers that no longer apply', () => {
    expect(pruneAnswers(item, { kind: 'land', floor: 'lift' })).toEqual({ kind: 'land' });
    expect(pruneAnswers(item, { floor: 'lift' })).toEqual({});
    expect(pruneAnswers(item, { kind: 'castle', other: 'x' })).toEqual({});
  });

  it('end, whatever is answered, and answering never opens a question twice', () => {
    const answer = fc.constantFrom('house', 'land', 'lift', 'stairs', 'castle');
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('kind', 'floor', 'x'), answer), (answers) => {
        const kept = pruneAnswers(item, answers);
        expect(pruneAnswers(item, kept)).toEqual(kept);
        expect(visibleQuestions(item, answers)).toEqual(visibleQuestions(item, kept));
        for (const question of openQuestions(item, answers)) expect(kept).not.toHaveProperty(question.id);
      }),
    );
  });
});

describe('materials and fee', () => {
  it('are those of the situation and no others', () => {
    expect(ids(neededMaterials(item, { kind: 'house' }))).toEqual(['idCard', 'application', 'deed', 'extra']);
    expect(ids(neededMaterials(item, { kind: 'land' }))).toEqual(['idCard', 'application', 'map', 'extra']);
    expect(feeOf(item, { kind: 'house' })).toEqual({ fen: 8000, label: '80 元' });
    expect(feeOf(item, { kind: 'land' })).toEqual({ fen: 0, label: '不收费' });
  });

  it('do not follow an answer to a question that is not asked', () => {
    const strange = sampleItem({
      fee: {
        amounts: [
          { when: { question: 'floor', is: ['lift'] }, fen: 100, label: '1 元' },
          { fen: 0, label: '0' },
        ],
        basis: 'x',
      },
    });
    expect(feeOf(strange, { kind: 'land', floor: 'lift' }).fen).toBe(0);
  });

  it('are free when no rule names an amount', () => {
    expect(feeOf(sampleItem({ fee: { amounts: [], basis: '' } }), {})).toEqual({ fen: 0, label: '不收费' });
  });
});
