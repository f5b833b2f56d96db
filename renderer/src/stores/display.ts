import { defineStore } from 'pinia';
import { inject, type InjectionKey } from 'vue';
import type { Language } from '../app/i18n.ts';
import type { Theme } from '../app/theme.ts';
import { useDevice } from './device.ts';
import { useStrip } from './strip.ts';

/** What the screen looks like and which language it speaks; made before the first screen. */
export interface Looks {
  theme: Theme;
  speak(language: Language): Promise<void>;
}
export const LOOKS: InjectionKey<Looks> = Symbol('looks');

export const useDisplay = defineStore('display', () => {
  const looks = inject(LOOKS);
  if (!looks) throw new Error('looks were not provided');
  const device = useDevice();
  const strip = useStrip();

  return {
    highContrast: looks.theme.highContrast,
    toggleContrast: () => looks.theme.toggle(),
    /** Changes the language at once and keeps it in the settings. */
    async speak(language: Language): Promise<void> {
      await looks.speak(language);
      await device.change({ language }).catch((error: unknown) => strip.fail(error));
    },
  };
});
