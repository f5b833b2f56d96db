import { setTimeout as sleep } from 'node:timers/promises';
import type { Hall } from './hall.ts';
import type { LoadLight } from './load-page.ts';

/** The queue must be empty this long after healing. */
export const HEAL_LIMIT_MS = 60_000;

/** Waits until another case has been saved, so that the next blow meets somebody at work. */
export async function saving(hall: Hall, limitMs = 30_000): Promise<void> {
  const before = hall.saves.told.size;
  for (const until = Date.now() + limitMs; Date.now() < until;) {
    if (hall.saves.told.size > before) return;
    await sleep(20);
  }
  const text = await hall.window().page.locator('body').innerText();
  const refused = JSON.stringify(Object.fromEntries(hall.saves.refused));
  throw new Error(
    `nothing is saved any more; told so far ${refused}, the screen says: ${text.replace(/\s+/g, ' ').slice(0, 400)}`,
  );
}

/**
 * Waits until nothing is unsent and the window has everything.
 * @returns how long it took, milliseconds; null when it was not within the limit (O3)
 */
export async function healed(hall: Hall): Promise<{ healedMs: number | null; light: LoadLight | null }> {
  const began = performance.now();
  let light: LoadLight | null = null;
  while (performance.now() - began < HEAL_LIMIT_MS) {
    light = await hall.light();
    const [row] = await hall.server
      .query<{ head: number }>('select coalesce(max(head), 0)::int as head from hall')
      .catch(() => []);
    if (light?.unsent === 0 && light.cursor === row?.head)
      return { healedMs: performance.now() - began, light };
    await sleep(100);
  }
  return { healedMs: null, light };
}

/** A code that stands on the screen without words is no next step for anybody (O5). */
export async function codesOnScreen(hall: Hall): Promise<string[]> {
  const text = await hall
    .window()
    .page.locator('body')
    .innerText({ timeout: 2_000 })
    .catch(() => '');
  return text.match(/\b(?:error\.)?[A-Z]{3,}(?:_[A-Z]+)+\b/g) ?? [];
}
