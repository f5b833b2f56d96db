import type { Page } from 'playwright-core';

/** The counter as a clerk uses it: by keys alone, counted. */
export function counterOf(page: Page) {
  let keys = 0;
  const by = (id: string) => page.getByTestId(id);
  const counter = {
    page,
    by,
    /** Keys pressed and characters typed since the last call. */
    takeKeys(): number {
      const count = keys;
      keys = 0;
      return count;
    },
    async press(key: string): Promise<void> {
      keys += 1;
      await page.keyboard.press(key);
    },
    async type(text: string): Promise<void> {
      keys += Array.from(text).length;
      await page.keyboard.type(text);
    },
    async usable(): Promise<void> {
      await page.waitForFunction(
        () => window.__zc?.marks.some(({ name }) => name === 'zc:usable'),
        undefined,
        {
          timeout: 30_000,
        },
      );
    },
    /** Waits until a place on the screen says something. */
    async says(id: string, words: string, timeout = 60_000): Promise<void> {
      await by(id).filter({ hasText: words }).first().waitFor({ timeout });
    },
    text: async (id: string): Promise<string> => ((await by(id).first().textContent()) ?? '').trim(),
    /** What a citizen's hand does is no key of the clerk's. */
    async placeCard(n: number): Promise<void> {
      // The simulated reader's panel comes after the first paint.
      await page.locator('[data-testid^="demo-card-"]').first().waitFor();
      await page.keyboard.press(`Alt+${n}`);
    },
    async liftCard(): Promise<void> {
      await page.keyboard.press('Alt+0');
    },
    /** Values of one kind of mark, oldest first. */
    marks: (name: string): Promise<Record<string, unknown>[]> =>
      page.evaluate(
        (wanted) =>
          (window.__zc?.marks ?? [])
            .filter((mark) => mark.name === wanted)
            .map((mark) => mark.detail as never),
        name,
      ),
  };
  return counter;
}
export type Counter = ReturnType<typeof counterOf>;
