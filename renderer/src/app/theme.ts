import { ref } from 'vue';

const KEY = 'zongchuang-contrast';

/** High contrast as the person set it on this machine, or as the system asks for it. */
export function createTheme() {
  const kept = localStorage.getItem(KEY);
  const highContrast = ref(kept === null ? matchMedia('(prefers-contrast: more)').matches : kept === '1');
  const show = (): void => {
    document.documentElement.dataset['contrast'] = highContrast.value ? 'high' : 'normal';
  };
  show();
  return {
    highContrast,
    toggle() {
      highContrast.value = !highContrast.value;
      localStorage.setItem(KEY, highContrast.value ? '1' : '0');
      show();
    },
  };
}

export type Theme = ReturnType<typeof createTheme>;
