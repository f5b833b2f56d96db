import { defineStore } from 'pinia';
import { ref } from 'vue';
import { CodedError } from '../../../shared/contract/errors.ts';

export type Tone = 'info' | 'ok' | 'warn' | 'bad';

/** One sentence on the line above the work area, as a message key. */
export interface StripMessage {
  tone: Tone;
  key: string;
  params: Record<string, string | number>;
}

/** The one line that speaks: the last thing that went wrong or needs saying, until it is over. */
export const useStrip = defineStore('strip', () => {
  const message = ref<StripMessage | null>(null);

  function say(tone: Tone, key: string, params: StripMessage['params'] = {}): void {
    message.value = { tone, key, params };
  }

  return {
    message,
    say,
    /** Says what failed and what to do, from its code. */
    fail(error: unknown): void {
      say('bad', `error.${error instanceof CodedError ? error.code : 'INTERNAL'}`);
    },
    clear(): void {
      message.value = null;
    },
  };
});
