import { defineStore } from 'pinia';
import { onScopeDispose, ref } from 'vue';
import { CodedError } from '../../../shared/contract/errors.ts';

export type Tone = 'info' | 'ok' | 'warn' | 'bad';

/** What only has to be known is taken away after this long; what has to be done something about stays. */
const PASSING_MS = 8_000;

/** One sentence on the line above the work area, as a message key. */
export interface StripMessage {
  tone: Tone;
  key: string;
  params: Record<string, string | number>;
}

/** The one line that speaks: the last thing that went wrong or needs saying, until it is over. */
export const useStrip = defineStore('strip', () => {
  const message = ref<StripMessage | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  onScopeDispose(() => clearTimeout(timer));

  function say(tone: Tone, key: string, params: StripMessage['params'] = {}): void {
    clear();
    message.value = { tone, key, params };
    if (tone === 'info' || tone === 'ok') timer = setTimeout(clear, PASSING_MS);
  }

  function clear(): void {
    clearTimeout(timer);
    message.value = null;
  }

  return {
    message,
    say,
    /** Says what failed and what to do, from its code. */
    fail(error: unknown): void {
      say('bad', `error.${error instanceof CodedError ? error.code : 'INTERNAL'}`);
    },
    clear,
  };
});
