import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { PhotoStatus } from '../../../shared/contract/card.ts';
import { TEST_READ_LIMIT_MS } from '../../../shared/contract/reader-limits.ts';
import type { TestRead } from '../../../shared/contract/reader.ts';
import { useServices } from '../app/services.ts';
import { codeOf } from './admin-readers.ts';
import { useReader } from './reader.ts';

/** How long somebody has to find a card. */
const WAIT_MS = 60_000;
/** The machine waits no shorter than this. */
const LEAST_MS = 1_000;
/** An answer this much before its limit was not caused by the limit. */
const EARLY_MS = 300;

export type TestReadState = 'idle' | 'waiting' | 'no-card' | 'done' | 'failed';

/** One card, read for the admin: masked, and never taken for an applicant's. */
export const useAdminTestRead = defineStore('admin-test-read', () => {
  const { bridge } = useServices();
  const reader = useReader();
  const state = ref<TestReadState>('idle');
  const result = shallowRef<TestRead | null>(null);
  /** Whether photos can be decoded here, where the machine can tell. */
  const decoder = ref<PhotoStatus['library'] | null>(null);
  /** Code of a call that failed as a whole. */
  const problem = ref('');
  const until = ref(0);
  let run = 0;
  let last: Promise<void> = Promise.resolve();

  async function readOne(mine: number): Promise<void> {
    while (mine === run) {
      const left = until.value - Date.now();
      if (left < LEAST_MS) {
        state.value = 'no-card';
        return;
      }
      const limitMs = Math.min(TEST_READ_LIMIT_MS, left);
      const asked = Date.now();
      const answer = await bridge.call('reader.testRead', { limitMs });
      if (mine !== run) return;
      const nobodyCame = answer.outcome === 'ID_CARD_TIMEOUT' && Date.now() - asked >= limitMs - EARLY_MS;
      if (nobodyCame) continue;
      result.value = answer;
      state.value = 'done';
      if (answer.photoBytes > 0) await askForDecoder(mine);
      return;
    }
  }

  /** A machine that cannot tell is no failure of the test. */
  async function askForDecoder(mine: number): Promise<void> {
    const answer = await bridge.call('card.photoStatus', {}).catch(() => null);
    if (mine === run) decoder.value = answer?.library ?? null;
  }

  function forget(): void {
    run += 1;
    state.value = 'idle';
    result.value = null;
    decoder.value = null;
    problem.value = '';
  }

  /** The next card must not be kept from the counter. */
  function giveUp(): void {
    if (state.value === 'waiting') void bridge.call('reader.endTest', {}).catch(() => undefined);
    forget();
  }

  return {
    state,
    result,
    decoder,
    problem,
    until,
    running: computed(() => state.value === 'waiting'),

    async start(): Promise<void> {
      if (state.value === 'waiting') return;
      forget();
      const mine = run;
      state.value = 'waiting';
      until.value = Date.now() + WAIT_MS;
      // One that was given up has been told so, and answers in a moment.
      const before = last;
      last = (async () => {
        await before;
        await readOne(mine);
      })().catch((error: unknown) => {
        if (mine !== run) return;
        problem.value = codeOf(error);
        state.value = 'failed';
      });
      await last;
    },
    cancel: giveUp,
    /** Keeps cards from the counter until the returned function is called; what was read is forgotten then. */
    enter(): () => void {
      const release = reader.hold();
      return () => {
        giveUp();
        release();
      };
    },
  };
});
