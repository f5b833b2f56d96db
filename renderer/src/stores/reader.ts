import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import type { CardRead, ReaderState } from '../../../shared/contract/card.ts';
import type { ErrorCode } from '../../../shared/contract/errors.ts';
import { useServices } from '../app/services.ts';
import type { Tone } from './strip.ts';

export interface DemoCard {
  id: string;
  label: string;
}

const TONES: Record<ReaderState['phase'], Tone> = {
  absent: 'bad',
  connecting: 'info',
  waiting: 'ok',
  reading: 'info',
  read: 'ok',
  lift: 'warn',
  error: 'bad',
};

/** What can be put right with the card alone; anything else is the reader's, and its admin's. */
const OF_THE_CARD: ReadonlySet<string> = new Set<ErrorCode>([
  'ID_CARD_TIMEOUT',
  'ID_CARD_LIFTED',
  'ID_CARD_UNKNOWN_TYPE',
  'ID_CARD_SUSPECT',
  'ID_CARD_BAD_FRAME',
]);

/** It is tried again and again, and the reason is known: that is no mere waiting any more. */
const connectsInVain = ({ phase, error }: ReaderState): boolean =>
  phase === 'connecting' && error !== undefined;

/** The card reader: what it says, and every card read to the end. */
export const useReader = defineStore('reader', () => {
  const { bridge, boot } = useServices();
  const state = shallowRef<ReaderState>({ phase: 'connecting', reader: null, since: Date.now() });
  const demoCards = ref<DemoCard[]>([]);
  /** Which invented card lies on the simulated reader. */
  const demoPlaced = ref('');
  const readListeners = new Set<(read: CardRead) => void>();
  let holders = 0;

  const take = (next: ReaderState): void => {
    state.value = next;
  };
  const closers = [
    bridge.on('card.state', take),
    bridge.on('card.read', (read) => {
      if (holders === 0) readListeners.forEach((listener) => listener(read));
    }),
    // Whatever the reader said while the connection was gone has to be asked for.
    bridge.onConnection((connection) => {
      if (connection === 'up') void refresh();
    }),
  ];
  onScopeDispose(() => closers.forEach((close) => close()));

  async function refresh(): Promise<void> {
    take(await bridge.call('card.status', {}));
  }

  return {
    state,
    tone: computed<Tone>(() => (connectsInVain(state.value) ? 'bad' : TONES[state.value.phase])),
    /** Message key of what the reader says now. */
    says: computed(() => {
      const { phase, error } = state.value;
      if (connectsInVain(state.value)) {
        // Without a card nothing is the card's fault.
        return `error.${OF_THE_CARD.has(error ?? '') ? 'ID_CARD_READER_FAILED' : (error ?? '')}`;
      }
      return error !== undefined && (phase === 'error' || phase === 'absent')
        ? `error.${error}`
        : `reader.${phase}`;
    }),
    /** Whether the reader itself is the trouble, not the card on it. */
    faulty: computed(() => {
      const { phase, error } = state.value;
      if (phase === 'absent' || connectsInVain(state.value)) return true;
      return phase === 'error' && error !== undefined && !OF_THE_CARD.has(error);
    }),
    simulated: computed(() => state.value.reader?.demo ?? boot.capabilities.includes('card.demo')),
    demoCards,
    demoPlaced,
    async load(): Promise<void> {
      await refresh();
      if (boot.capabilities.includes('card.demo')) demoCards.value = await bridge.call('card.demoCards', {});
    },
    /** The returned function ends it. */
    onRead(listener: (read: CardRead) => void): () => void {
      readListeners.add(listener);
      return () => readListeners.delete(listener);
    },
    /**
     * While somebody works at the reader itself, no card is an applicant's: the open case must not change behind
     * the page. The returned function ends it.
     */
    hold(): () => void {
      let held = true;
      holders += 1;
      return () => {
        if (held) holders -= 1;
        held = false;
      };
    },
    async placeDemo(id: string): Promise<void> {
      // A hand takes the card that lies there away first.
      if (demoPlaced.value !== '') await bridge.call('card.liftDemo', {});
      demoPlaced.value = id;
      await bridge.call('card.placeDemo', { id });
    },
    async liftDemo(): Promise<void> {
      demoPlaced.value = '';
      await bridge.call('card.liftDemo', {});
    },
  };
});
