import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue';
import { wedgeKey } from './wedge-keys.ts';

/** A burst that pauses longer than this is over, milliseconds; the slowest scanners send a key every 30. */
const PAUSE_MS = 700;
/** The second Enter of a scanner that sends two must not press what the first one brought up, milliseconds. */
const ECHO_MS = 500;

/**
 * Hears a scanner that acts as a keyboard, before the screen's own keys do, while the component lives. Somebody who
 * writes into a field is left alone.
 * @param take given everything that came, with line ends; says whether it was complete. Asked at every line end, so
 *   that the next person's scan does not wait, and once more when the burst is over
 */
export function useWedge(take: (text: string, isOver: boolean) => boolean): { received: Ref<number> } {
  const received = ref(0);
  let text = '';
  let doneAt = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function end(isOver: boolean): void {
    if (take(text, isOver)) doneAt = performance.now();
    else if (!isOver) return;
    text = '';
    received.value = 0;
    clearTimeout(timer);
  }

  function onKey(event: KeyboardEvent): void {
    const key = wedgeKey(event);
    if (key === null) return;
    const isEcho = key === 'Enter' && performance.now() - doneAt < ECHO_MS;
    // Enter alone presses what has the focus; within a burst it is the scanner's.
    const isOurs = isEcho || (!isField(event.target) && (key !== 'Enter' || text !== ''));
    if (!isOurs) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (isEcho) return;
    text += key === 'Enter' ? '\n' : key;
    received.value = text.length;
    clearTimeout(timer);
    if (key === 'Enter') end(false);
    if (text !== '') timer = setTimeout(() => end(true), PAUSE_MS);
  }

  // On the window: the screen's keys are heard on the document, which comes after it.
  onMounted(() => window.addEventListener('keydown', onKey, true));
  onBeforeUnmount(() => {
    clearTimeout(timer);
    window.removeEventListener('keydown', onKey, true);
  });
  return { received };
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement ||
  target instanceof HTMLTextAreaElement ||
  target instanceof HTMLSelectElement;
