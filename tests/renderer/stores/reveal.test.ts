import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CodedError } from '../../../shared/contract/errors.ts';
import { useIntake } from '../../../renderer/src/stores/intake.ts';
import { useReveal } from '../../../renderer/src/stores/reveal.ts';
import { useStrip } from '../../../renderer/src/stores/strip.ts';
import { setUp, settle } from '../fakes.ts';
import { JIA, readOf, YI } from '../people.ts';

describe('a number shown in full', () => {
  let world: ReturnType<typeof setUp>;
  beforeEach(async () => {
    world = setUp();
    useIntake();
    world.machine.tell('card.read', readOf(JIA));
    await settle();
  });
  afterEach(() => {
    vi.useRealTimers();
    return settle();
  });
  const traces = (): number => world.store.events.filter(({ type }) => type === 'person.numberShown').length;

  it('leaves a trace each time, hiding leaves none', async () => {
    const reveal = useReveal();
    await reveal.toggle();
    expect(reveal.shown).toBe(true);
    expect(traces()).toBe(1);
    await reveal.toggle();
    expect(reveal.shown).toBe(false);
    await reveal.toggle();
    expect(traces()).toBe(2);
  });

  it('is not shown where no trace can be left', async () => {
    world.store.failNextSave(new CodedError('JOURNAL_DISK_FULL'));
    const reveal = useReveal();
    await reveal.toggle();
    expect(reveal.shown).toBe(false);
    expect(useStrip().message?.key).toBe('error.JOURNAL_DISK_FULL');
  });

  it('is hidden for the next person, and after twenty seconds', async () => {
    vi.useFakeTimers();
    const reveal = useReveal();
    await reveal.toggle();
    vi.advanceTimersByTime(20_000);
    expect(reveal.shown).toBe(false);
    await reveal.toggle();
    world.machine.tell('card.read', readOf(YI));
    await vi.advanceTimersByTimeAsync(0);
    expect(reveal.shown).toBe(false);
  });

  it('pressed twice at once asks once', async () => {
    const reveal = useReveal();
    await Promise.all([reveal.toggle(), reveal.toggle()]);
    expect(traces()).toBe(1);
    expect(reveal.shown).toBe(true);
  });
});
