import { inject, onBeforeUnmount, onMounted, ref, type InjectionKey } from 'vue';
import { createOcrEngine, OcrFailure } from './recognise/ocr-engine.ts';
import { recogniseCard, type CardRecognised } from './recognise/recognise-card.ts';

/** Reads a card off its picture. Tests bring their own: theirs have no canvas. */
export interface Recogniser {
  /** Loads what reading needs, before somebody waits for it. */
  warm(): Promise<void>;
  recognise(picture: HTMLCanvasElement): Promise<CardRecognised>;
  close(): void;
}
export const RECOGNISER: InjectionKey<() => Recogniser> = Symbol('recogniser');

function createRecogniser(): Recogniser {
  const engine = createOcrEngine();
  return {
    warm: () => engine.warm(),
    recognise: (picture) => recogniseCard(engine, picture),
    close: () => engine.close(),
  };
}

/** A picture of the person's document with what was read off it. */
export interface PictureRead extends CardRecognised {
  /** Why nothing was read; null when reading was done, whatever it found. */
  failure: OcrFailure['code'] | null;
}

/** Reading for as long as the component lives; nothing of it stays in memory or on the disk afterwards. */
export function useRecogniser() {
  const recogniser = inject(RECOGNISER, () => createRecogniser, true)();
  const busy = ref(false);
  onMounted(() => {
    // Failing here is told when there is a picture to read.
    recogniser.warm().catch(() => undefined);
  });
  onBeforeUnmount(() => recogniser.close());

  return {
    busy,
    async read(picture: HTMLCanvasElement): Promise<PictureRead> {
      busy.value = true;
      try {
        return { ...(await recogniser.recognise(picture)), failure: null };
      } catch (error) {
        const failure = error instanceof OcrFailure ? error.code : 'ocr-not-loaded';
        return { number: '', certain: false, name: '', nameLine: null, picture, failure };
      } finally {
        busy.value = false;
      }
    },
  };
}
