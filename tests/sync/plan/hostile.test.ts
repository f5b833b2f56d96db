import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../shared/sync/canonical-json.ts';
import { makeEvent, readEvent, type KeptEvent } from '../../../shared/sync/event.ts';
import { stateHash } from '../../../shared/sync/state-hash.ts';
import { acceptedBody } from '../../fixtures/cases.ts';
import { openWindow } from './window.ts';

const RUNS = Number(process.env['ZC_RUNS'] ?? 200);
const TYPES = ['case.accepted', 'case.finished', 'case.stepped', 'sheet.settled', 'conflict.decided'];
const TICKET_TYPES = ['ticket.taken', 'ticket.called', 'ticket.finished', 'conflict.decided', 'x.y'];
/** Names that a careless fold would take for its own. */
const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'station',
  'no',
  'day',
  'class',
  'result',
  'text',
  'key',
];
const STATE_KEYS = [
  'conflict',
  'conflictWith',
  'finished',
  'sheets',
  'ignored',
  'status',
  'agg',
  'caseNo',
  'form',
];

const leaf = fc.oneof(
  fc.constantFrom<Json[]>(
    '\u0000',
    '',
    1e308,
    -0,
    5e-324,
    2 ** 53 + 2,
    null,
    true,
    'W1',
    'normal',
    '2026-11-21',
  ),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const value = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('json'), { maxLength: 3 }),
    fc.array(fc.tuple(fc.constantFrom(...KEYS, ...STATE_KEYS), tie('json')), { maxLength: 4 }).map(asRecord),
  ),
})).json;
const body = fc
  .array(fc.tuple(fc.constantFrom(...KEYS, ...STATE_KEYS), value), { maxLength: 6 })
  .map(asRecord);

/** As JSON.parse makes it: `__proto__` is a member like any other. */
function asRecord(members: [string, Json][]): { [key: string]: Json } {
  const text = members.map(([key, json]) => `${JSON.stringify(key)}:${JSON.stringify(json)}`).join(',');
  return JSON.parse(`{${text}}`) as { [key: string]: Json };
}

function eventsOf(
  drafts: { kind: boolean; type: number; body: { [key: string]: Json }; whole: boolean }[],
): KeptEvent[] {
  const made: KeptEvent[] = [];
  for (const draft of drafts) {
    const type = (draft.kind ? TYPES : TICKET_TYPES)[draft.type] as string;
    const known = type === 'case.accepted' ? (acceptedBody(1) as unknown as typeof draft.body) : {};
    const seq = made.length + 1;
    made.push(
      makeEvent(
        {
          type,
          typeV: 1,
          agg: draft.kind ? 'case/c1' : 'ticket/t1',
          seen: { last: '', cursor: 0 },
          user: '',
          body: draft.whole ? { ...draft.body, ...known } : draft.body,
        },
        { hall: '330102', dev: 'A'.repeat(26), inc: 'a'.repeat(32), station: '' },
        { seq, prev: made.at(-1)?.hash ?? '', cmd: `cmd-${seq}`, at: '' },
      ),
    );
  }
  return made;
}

describe('bodies that mean harm', () => {
  it('are held, named or counted, and never stop a window or change what it is made of', () => {
    const drafts = fc.array(fc.record({ kind: fc.boolean(), type: fc.nat(4), body, whole: fc.boolean() }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(drafts, (list) => {
        const events = eventsOf(list);
        const window = openWindow('B'.repeat(26));
        window.arrive(events.map((kept, index) => ({ kept, cursor: index + 1 })));
        for (const kept of events) expect(readEvent(kept.bytes, kept.hash)).toMatchObject({ ok: true });
        const pictures = [...window.pictures.values()];
        expect(stateHash(pictures)).toBe(stateHash(structuredClone(pictures)));
        expect(window.held.size).toBe(events.length);
        for (const { case: state, conflicts } of pictures) {
          if (!state) continue;
          expect(['accepted', 'finished']).toContain(state.status);
          expect(typeof state.conflict).toBe('string');
          expect(state.agg).toBe('case/c1');
          expect(state.conflict).toBe(conflicts.find((conflict) => conflict.state === 'open')?.kind ?? '');
          if (state.finished) expect(['approved', 'refused']).toContain(state.finished.result);
          for (const word of Object.values(state.sheets)) expect(typeof word).toBe('string');
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
        expect(({} as Record<string, unknown>)['station']).toBeUndefined();
      }),
      { numRuns: RUNS },
    );
  });

  it('cannot be written when they have no UTF-8 form or are no number', () => {
    for (const bad of ['\ud800', 'x\udc00y', Number.NaN, Infinity])
      expect(() => eventsOf([{ kind: true, type: 1, body: { text: bad }, whole: false }])).toThrow(TypeError);
  });

  it('are read back with half a surrogate pair as no event at all', () => {
    const [kept] = eventsOf([{ kind: true, type: 1, body: { text: 'x' }, whole: false }]);
    const bytes = kept!.bytes.replace('"x"', '"\\ud800"');
    expect(readEvent(bytes)).toEqual({ ok: false, fault: 'not-canonical' });
  });

  it('may be nested deeper than a stack is high', () => {
    const deep = `{"a":`.repeat(50_000) + '1' + '}'.repeat(50_000);
    expect(readEvent(deep).ok).toBe(false);
  });
});
