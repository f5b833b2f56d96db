import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { AttachedDevice, ProbeAttempt } from '../../../shared/contract/reader.ts';
import { useServices } from '../app/services.ts';
import { codeOf, useAdminReaders } from './admin-readers.ts';

export interface ProbeLine {
  profile: string;
  name: string;
  state: 'to-do' | 'trying' | 'done';
  attempt: ProbeAttempt | null;
}

/** Outcomes after which another way of talking may still be answered. */
const MAY_DIFFER: ReadonlySet<ProbeAttempt['outcome']> = new Set<ProbeAttempt['outcome']>([
  'ID_CARD_TIMEOUT',
  'ID_CARD_BAD_FRAME',
  'ID_CARD_READER_FAILED',
]);

/**
 * Trying one device with one way of talking after another. Each is asked for by itself, so that every attempt is
 * seen as it ends and the next can be left out. The first that answers ends it.
 */
export const useAdminProbe = defineStore('admin-probe', () => {
  const { bridge } = useServices();
  const readers = useAdminReaders();
  const device = shallowRef<AttachedDevice | null>(null);
  const lines = shallowRef<ProbeLine[]>([]);
  const running = ref(false);
  /** Code of a call that failed as a whole, '' for none. */
  const problem = ref('');
  let run = 0;
  let last: Promise<void> = Promise.resolve();

  /** Ways this device may be tried: those it can be taken into use with, or all of its bus. */
  function waysOf(of: AttachedDevice): ProbeLine[] {
    const onBus = readers.profiles.filter(({ bus }) => bus === of.bus);
    const named = of.choices.flatMap(({ profile }) => onBus.find(({ id }) => id === profile) ?? []);
    return [...new Set([...named, ...onBus])].map(({ id, name }) => ({
      profile: id,
      name,
      state: 'to-do',
      attempt: null,
    }));
  }

  function setLine(profile: string, change: Partial<ProbeLine>): void {
    lines.value = lines.value.map((line) => (line.profile === profile ? { ...line, ...change } : line));
  }

  async function tryAll(mine: number, of: AttachedDevice): Promise<void> {
    for (const { profile } of lines.value) {
      setLine(profile, { state: 'trying' });
      const answer = await bridge.call('reader.probe', { bus: of.bus, path: of.path, profiles: [profile] });
      if (mine !== run) return;
      const attempt = answer.attempts.find((one) => one.profile === profile) ?? null;
      setLine(profile, { state: 'done', attempt });
      // Whatever else it said, it will say to every other way, too.
      if (attempt !== null && !MAY_DIFFER.has(attempt.outcome)) return;
    }
  }

  return {
    device,
    lines,
    running,
    problem,
    /** The way that was answered, for taking the device into use. */
    answered: computed(() => lines.value.find(({ attempt }) => attempt?.outcome === 'answered') ?? null),
    finished: computed(() => !running.value && lines.value.some(({ state }) => state === 'done')),

    open(of: AttachedDevice): void {
      run += 1;
      device.value = of;
      lines.value = waysOf(of);
      running.value = false;
      problem.value = '';
    },
    async start(): Promise<void> {
      const of = device.value;
      if (of === null || running.value) return;
      const mine = ++run;
      lines.value = waysOf(of);
      problem.value = '';
      running.value = true;
      // What was broken off still has the device until its attempt is over.
      const before = last;
      last = (async () => {
        await before;
        if (mine === run) await tryAll(mine, of);
      })()
        .catch((error: unknown) => {
          if (mine === run) problem.value = codeOf(error);
        })
        .finally(() => {
          if (mine === run) running.value = false;
        });
      await last;
    },
    /** The attempt under way ends by itself; no further one begins. */
    close(): void {
      run += 1;
      running.value = false;
      device.value = null;
      lines.value = [];
    },
  };
});
