import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../server/start.ts';
import { counterOf, type Counter } from './counter.ts';
import { startLine, type Line } from './line.ts';
import {
  freePort,
  newProfile,
  openWindow,
  root,
  startProgram,
  type Program,
  type Window,
} from './program.ts';
import { serveCitizen } from './serve-citizen.ts';

/** `SCREENSHOTS=resources/screenshots` renews the pictures of the README; otherwise they are for looking at. */
const folder = join(root, process.env['SCREENSHOTS'] ?? 'tests/.artifacts/screenshots');

describe('the counter on a hall PC', () => {
  let server: TestServer;
  let line: Line;
  let program: Program;
  let window: Window;
  let counter: Counter;
  const { profile, remove } = newProfile();

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    server = await startTestServer();
    line = await startLine(server.url);
    program = await startProgram({
      profile,
      port: await freePort(),
      args: ['--server', line.url, '--code', await server.newCode()],
    });
    window = await openWindow(program);
    counter = counterOf(window.page);
    await counter.usable();
    await window.page.locator('[data-testid^="demo-card-"]').first().waitFor();
  });

  afterAll(async () => {
    await window.close().catch(() => undefined);
    await program.stop();
    await line.close();
    await server.dispose();
    remove();
  });

  async function look(name: string): Promise<void> {
    await window.page.waitForTimeout(300);
    await window.page.screenshot({ path: join(folder, `${name}.png`) });
    expect(await cutOff(), name).toEqual([]);
  }

  /** Things one cannot see whole: wider than the window, or text cut without an ellipsis. */
  const cutOff = (): Promise<string[]> =>
    window.page.evaluate(() => {
      const found: string[] = [];
      if (document.documentElement.scrollWidth > innerWidth) found.push('the page scrolls sideways');
      for (const element of document.querySelectorAll<HTMLElement>('button, [data-testid]')) {
        const box = element.getBoundingClientRect();
        if (box.width > 0 && (box.right > innerWidth + 1 || box.left < -1)) {
          found.push(element.dataset['testid'] ?? element.textContent.trim());
        }
      }
      return found;
    });

  it('shows the empty, the filled, the saved, the offline and the failing counter whole', async () => {
    const { page } = window;
    await counter.says('line-light', '已同步');
    await counter.press('Control+t');
    await counter.says('last-taken', 'A001');
    await counter.press('Control+t');
    await look('counter-empty');

    await counter.press('F2');
    await counter.placeCard(1);
    await counter.by('applicant-name').first().waitFor();
    await counter.type('lhjy');
    await counter.by('item-option').first().waitFor();
    await look('item-search');
    await counter.press('Enter');
    for (const key of ['1', '1', '3']) {
      await page.waitForTimeout(150);
      await counter.press(key);
    }
    await look('counter-filled');
    await serveCitizen(counter, { card: null, search: null });
    await look('counter-saved');
    await counter.press('Alt+p');
    await page.waitForTimeout(500);
    await look('slip-preview');
    await counter.press('Escape');
    await counter.liftCard();

    line.cut();
    await serveCitizen(counter, { card: 2, search: null });
    await counter.liftCard();
    await counter.says('line-light', '离线');
    await look('counter-offline');

    // A nervous hand: the card is lifted before it is read.
    await page.keyboard.press('Alt+3');
    await page.waitForTimeout(350);
    await page.keyboard.press('Alt+0');
    await counter.by('error-strip').waitFor({ timeout: 5_000 });
    await look('counter-error');
    line.restore();
  });

  it('shows the admin the reader and the printer of this PC', async () => {
    const { page } = window;
    await counter.press('Alt+r');
    await counter.by('reader-page').waitFor();
    await counter.by('test-read').click();
    await page.waitForTimeout(300);
    await page.keyboard.press('Alt+2');
    await counter.by('test-document').waitFor({ timeout: 15_000 });
    await page.keyboard.press('Alt+0');
    await look('reader-page');
    await page.locator('a[href="#/admin/printers"]').click();
    await counter.by('printer-page').waitFor();
    await counter.press('F6');
    await page.locator('[data-testid="test-page"][data-state="printed"]').waitFor({ timeout: 15_000 });
    await look('printer-page');
    await counter.press('Escape');
    await counter.usable();
  });

  it('lists its keys under F1, and closes them again', async () => {
    await counter.press('F1');
    await window.page.getByText('Ctrl+K').first().waitFor();
    await look('keys');
    await counter.press('Escape');
  });

  it('stays whole at 1920×1080 and at 150 % zoom', async () => {
    await counter.placeCard(4);
    await counter.by('applicant-name').first().waitFor();
    await window.page.setViewportSize({ width: 1920, height: 1080 });
    await look('wide');
    // 150 % zoom of a 1366×768 screen leaves this many CSS pixels.
    await window.page.setViewportSize({ width: 911, height: 512 });
    await look('zoom-150');
    await window.page.setViewportSize({ width: 1366, height: 768 });
    await counter.liftCard();
  });
});
