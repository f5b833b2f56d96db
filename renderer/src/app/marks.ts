declare global {
  interface Window {
    /** What has been measured so far, for the end-to-end tests and the bench. */
    __zc?: { marks: { name: string; detail: Record<string, unknown> }[] };
  }
}

/** What the end-to-end tests and the bench may measure. */
export interface Marks {
  /** The counter takes input. */
  'zc:usable': Record<string, never>;
  /** The form filled from a card is on the screen; `at` is wall clock, milliseconds since 1970 with fraction. */
  'zc:card-filled': { readId: string; at: number; lastByteAt: number };
  /** 已保存 is on the screen; `ms` since the key. */
  'zc:saved': { caseNo: string; agg: string; ms: number };
  /** The server has the case. */
  'zc:acknowledged': { agg: string };
}

/** Wall clock with fractions of a millisecond, comparable with the core's `lastByteAt`. */
export const preciseNow = (): number => performance.timeOrigin + performance.now();

/** Tells whoever measures: a performance mark, an event on the window, and a list for those who come late. */
export function mark<N extends keyof Marks>(name: N, detail: Marks[N]): void {
  performance.mark(name.slice(3));
  window.__zc ??= { marks: [] };
  window.__zc.marks.push({ name, detail });
  if (window.__zc.marks.length > 500) window.__zc.marks.shift();
  window.dispatchEvent(new CustomEvent(name, { detail }));
}

/**
 * Tells whoever drives the window without a keyboard, the soak, that store and line are open. In a hall nobody hears
 * it; a script that could would have the page already.
 */
export function tellOpened(services: object): void {
  window.dispatchEvent(new CustomEvent('zc:opened', { detail: services }));
}

/** Resolves when what Vue has rendered is in the next painted frame. */
export function painted(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
}
