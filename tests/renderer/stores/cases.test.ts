import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useCases } from '../../../renderer/src/stores/cases.ts';
import { acceptedBody } from '../../fixtures/cases.ts';
import { setUp, settle } from '../fakes.ts';

describe('accepted cases', () => {
  let world: ReturnType<typeof setUp>;
  const told: unknown[] = [];
  const hear = (event: Event): void => void told.push((event as CustomEvent).detail);
  beforeEach(() => {
    world = setUp();
    told.length = 0;
    window.addEventListener('zc:acknowledged', hear);
  });
  afterEach(() => window.removeEventListener('zc:acknowledged', hear));

  it('travel from this PC to the server, and the moment they arrive is told once', async () => {
    const cases = useCases();
    await world.store.db.save('cmd-accept-1', [
      { type: 'case.accepted', agg: 'case/1', body: acceptedBody(1) },
    ]);
    cases.saved = { agg: 'case/1', caseNo: acceptedBody(1).caseNo, at: 1 };
    await cases.load();
    expect(cases.savedTravel).toBe('saved');
    expect(cases.savedStage).toBe('saved');
    world.syncStatus.value = { phase: 'pushing', lastContactAt: 1 };
    expect(cases.savedStage).toBe('sent');
    world.syncStatus.value = { phase: 'refused', lastContactAt: 1 };
    expect(cases.savedStage).toBe('refused');
    world.store.markSent('case/1');
    await settle();
    expect(cases.savedTravel).toBe('sent');
    expect(cases.savedStage).toBe('received');
    world.store.markSent('case/1');
    await settle();
    expect(told).toEqual([{ agg: 'case/1' }]);
    expect(cases.recent.map(({ travel }) => travel)).toEqual(['sent']);
  });
});
