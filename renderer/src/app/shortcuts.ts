import { inject, onScopeDispose, shallowRef, type InjectionKey, type ShallowRef } from 'vue';
import { isTypingKey, keyName } from './key-name.ts';

export type ShortcutGroup = 'call' | 'case' | 'card' | 'screen';

export interface Shortcut {
  /** Names as {@link keyName} gives them; the first one is shown. */
  keys: readonly string[];
  /** How the first key is shown when it stands for several, e.g. `1–9`. */
  shown?: string;
  /** Message key of what it does. */
  label: string;
  group: ShortcutGroup;
  /** The key is ours while this holds; otherwise it does nothing. */
  when?: () => boolean;
  run: (key: string) => void;
}

export interface Shortcuts {
  /**
   * Binds keys until the returned function is called.
   * @param modal while bound, no other keys work (a dialogue is open)
   */
  bind(list: readonly Shortcut[], modal?: boolean): () => void;
  /** The keys of this screen, for F1. */
  readonly bound: ShallowRef<readonly Shortcut[]>;
  close(): void;
}

/**
 * The one place where keys are heard. Keys work while somebody types; single characters only when no field has
 * the focus. A held key acts once.
 */
export function createShortcuts(target: Document): Shortcuts {
  let layers: { list: readonly Shortcut[]; modal: boolean }[] = [];
  const bound = shallowRef<readonly Shortcut[]>([]);

  const active = (): readonly Shortcut[] => {
    const modal = layers.filter((layer) => layer.modal);
    // What was bound last is nearest to the clerk: its Escape goes before the screen's.
    return [...(modal.length > 0 ? modal : layers)].reverse().flatMap((layer) => layer.list);
  };

  const listShown = (): void => {
    bound.value = layers.filter((layer) => !layer.modal).flatMap((layer) => layer.list);
  };

  function onKey(event: KeyboardEvent): void {
    const name = keyName(event);
    if (name === '' || (isTypingKey(name) && isField(target.activeElement))) return;
    const candidates = active().filter((shortcut) => shortcut.keys.includes(name));
    if (candidates.length === 0) return;
    const shortcut = candidates.find(({ when }) => when?.() ?? true);
    // A key of ours that does nothing now must not do what the browser would (F3 searches, Ctrl+T opens a tab).
    if (shortcut || isBrowserKey(name)) event.preventDefault();
    if (!shortcut || event.repeat) return;
    event.stopPropagation();
    shortcut.run(name);
  }

  // Capturing, so that no field swallows a key first.
  target.addEventListener('keydown', onKey, true);
  return {
    bound,
    bind(list, modal = false) {
      const layer = { list, modal };
      layers = [...layers, layer];
      listShown();
      return () => {
        layers = layers.filter((other) => other !== layer);
        listShown();
      };
    },
    close() {
      layers = [];
      listShown();
      target.removeEventListener('keydown', onKey, true);
    },
  };
}

export const SHORTCUTS: InjectionKey<Shortcuts> = Symbol('shortcuts');

/** Binds keys for as long as the component lives. */
export function useShortcuts(list: readonly Shortcut[], modal = false): Shortcuts {
  const shortcuts = inject(SHORTCUTS);
  if (!shortcuts) throw new Error('shortcuts were not provided');
  onScopeDispose(shortcuts.bind(list, modal));
  return shortcuts;
}

const isBrowserKey = (name: string): boolean => /^F\d+$|^(?:Ctrl|Alt)\+/.test(name);

/** Whether what has the focus takes characters. */
function isField(element: Element | null): boolean {
  if (element === null) return false;
  if (element instanceof HTMLElement && element.isContentEditable) return true;
  if (element.tagName === 'TEXTAREA' || element.tagName === 'SELECT') return true;
  if (element.tagName !== 'INPUT') return false;
  return !['button', 'checkbox', 'radio', 'submit'].includes((element as HTMLInputElement).type);
}
