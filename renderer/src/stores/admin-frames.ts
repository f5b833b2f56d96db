import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { FrameEntry } from '../../../shared/contract/reader.ts';
import { useServices } from '../app/services.ts';
import { codeOf } from './admin-readers.ts';

const EVERY_MS = 500;
/** After a failure the machine is left in peace for longer. */
const AFTER_FAILURE_MS = 2_000;
const KEPT = 400;

/**
 * Frames that only ask again whether a card is there: what is sent and answered three times a second and says nothing.
 */
export function isPolling({ command, direction, status, times }: FrameEntry): boolean {
  return times > 1 || (command === 'find' && (direction === 'out' || status === '80'));
}

/** What goes over the line to the reader, live. It comes masked from the machine. */
export const useAdminFrames = defineStore('admin-frames', () => {
  const { bridge } = useServices();
  const frames = shallowRef<readonly FrameEntry[]>([]);
  const paused = ref(false);
  const hidePolling = ref(true);
  const problem = ref('');
  let after = 0;

  async function fetchNew(): Promise<void> {
    const { frames: fresh } = await bridge.call('reader.frames', { after });
    problem.value = '';
    if (fresh.length === 0) return;
    after = Math.max(after, ...fresh.map(({ seq }) => seq));
    frames.value = [...frames.value, ...fresh].slice(-KEPT);
  }

  return {
    frames,
    paused,
    hidePolling,
    problem,
    shown: computed(() =>
      hidePolling.value ? frames.value.filter((frame) => !isPolling(frame)) : frames.value,
    ),
    clear(): void {
      frames.value = [];
    },

    /** Fetches while somebody looks, until the returned function is called. */
    watch(): () => void {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let ended = false;
      const again = async (): Promise<void> => {
        let pause = EVERY_MS;
        if (!paused.value && document.visibilityState === 'visible') {
          await fetchNew().catch((error: unknown) => {
            problem.value = codeOf(error);
            pause = AFTER_FAILURE_MS;
          });
        }
        if (!ended) timer = setTimeout(() => void again(), pause);
      };
      // Another run of the machine counts its frames from the beginning.
      const stopHearing = bridge.onConnection((connection) => {
        if (connection !== 'up') return;
        after = 0;
        frames.value = [];
      });
      void again();
      return () => {
        ended = true;
        clearTimeout(timer);
        stopHearing();
      };
    },
  };
});
