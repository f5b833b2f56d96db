import { expect, it } from 'vitest';
import { makeEvent } from '../../../shared/sync/event.ts';
import { placeOf } from '../../../shared/sync/held-event.ts';
import { planArrivals } from '../../../shared/sync/plan.ts';

const DEV = '0123456789ABCDEFGHJKMNPQRS';

it('an own event that has its place in the hall already does not count as unsent when the journal gives it again', () => {
  const kept = makeEvent(
    { type: 'weather.noted', typeV: 1, agg: 'weather/1', seen: { last: '', cursor: 0 }, user: 'u', body: {} },
    { hall: 'hall-1', dev: DEV, inc: 'a'.repeat(32), station: '1' },
    { seq: 1, prev: '', cmd: 'cmd-00001', at: '2026-11-21T09:00:00.000+08:00' },
  );
  const held = { ...kept, cursor: 7 };
  // As after a new incarnation: the store begins its own positions anew and reads the journal from its beginning.
  const changes = planArrivals({
    dev: DEV,
    arrivals: [{ kept }],
    known: {
      own: [],
      held: new Map([[placeOf(kept.event), held]]),
      logs: new Map([['weather/1', [held]]]),
      counters: new Map(),
    },
  });
  expect(changes.own).toEqual([{ inc: 'a'.repeat(32), applied: 1, acknowledged: 1 }]);
});
