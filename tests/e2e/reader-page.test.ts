import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoPeople } from '../../electron/adapters/simulated/card-reader/people.ts';
import { parseCardText } from '../../shared/domain/card/parse-card-text.ts';
import { maskIdNumber } from '../../shared/domain/masking/mask.ts';
import { startTestServer, type TestServer } from '../server/start.ts';
import { counterOf, type Counter } from './counter.ts';
import { startLine, type Line } from './line.ts';
import { newProfile, root } from './program.ts';
import { shells, type RunningShell } from './shells.ts';

const folder = join(root, 'tests/.artifacts/screenshots');

/** An admin looks after the reader while a case is open, in the whole program with its simulated reader. */
describe.each(shells)('the reader page, in $name', ({ skip, start }) => {
  if (skip !== null) {
    it.skip(`not run here: ${skip}`);
    return;
  }
  let server: TestServer;
  let line: Line;
  let shell: RunningShell;
  let counter: Counter;
  const { profile, remove } = newProfile();
  const people = demoPeople().map(({ text }) => parseCardText(text, '2026-01-01'));
  const [first, second] = people;

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    server = await startTestServer();
    line = await startLine(server.url);
    shell = await start({ profile, args: ['--server', line.url, '--code', await server.newCode()] });
    counter = counterOf(shell.page());
    await counter.usable();
  });

  afterAll(async () => {
    await shell.stop();
    await line.close();
    await server.dispose();
    remove();
  });

  const seen = (): Promise<string> => counter.page.evaluate(() => document.body.innerText);
  const look = (name: string) => counter.page.screenshot({ path: join(folder, `${name}.png`) });
  /** How the digits of a number stand in a frame: UTF-16, little-endian. */
  const inFrames = (digits: string): string =>
    Array.from(digits, (digit) => `${digit.charCodeAt(0).toString(16).toUpperCase()} 00`).join(' ');

  it('is opened and left by keys, reads a card for the admin alone, and leaves the open case as it was', async ({
    onTestFailed,
  }) => {
    onTestFailed(async () => {
      await look('reader-page-failed-1');
    });
    const { page } = counter;
    await counter.placeCard(1);
    await counter.by('applicant-name').first().waitFor();
    await counter.type('lhjy');
    await counter.press('Enter');
    await page.waitForTimeout(200);
    await counter.press('1');
    await page.waitForTimeout(200);
    const before = {
      name: await counter.text('applicant-name'),
      item: await counter.text('item-name'),
      missing: await counter.by('missing-count').getAttribute('data-count'),
    };
    expect(before.name).toBe(first?.name);
    await counter.liftCard();

    await counter.press('Alt+r');
    await counter.by('reader-page').waitFor();
    await counter.says('reader-now-says', '就绪');
    expect(await counter.text('reader-now-name')).toContain('演示');
    // Whatever is attached to this PC, looking for it works.
    await page
      .locator('[data-testid="device"], [data-testid="no-devices"]')
      .first()
      .waitFor({ timeout: 20_000 });
    expect(await counter.by('look-problem').count()).toBe(0);

    await counter.press('F6');
    await counter.by('test-prompt').waitFor();
    // Nobody comes for longer than the machine waits in one go.
    await page.waitForTimeout(2_500);
    await counter.placeCard(2);
    await counter.by('test-document').waitFor({ timeout: 20_000 });
    const read = await counter.text('test-document');
    expect(read).toContain(maskIdNumber(second?.number ?? ''));
    expect(read).not.toContain(second?.name);
    expect(await counter.by('test-photo').getAttribute('data-photo')).toBe('no-decoder');
    await look('reader-page-test');

    await counter.press('Control+3');
    await counter.by('frame').filter({ hasText: 'readBase' }).last().waitFor();
    // With all of every frame, the polling as well.
    await counter.by('hide-polling').uncheck();
    for (const more of await page.locator('[data-testid="frame"] .more').all()) {
      if (await more.isVisible()) await more.click();
      const text = await seen();
      for (const { number } of [first, second].filter((person) => person !== undefined)) {
        expect(text).not.toContain(number);
        for (let at = 0; at + 4 <= number.length; at++)
          expect(text).not.toContain(inFrames(number.slice(at, at + 4)));
      }
    }
    expect(await counter.by('frame').filter({ hasText: '·· ×' }).count()).toBeGreaterThan(0);
    await look('reader-page-frames');

    await counter.press('Escape');
    await counter.by('applicant-name').first().waitFor();
    expect({
      name: await counter.text('applicant-name'),
      item: await counter.text('item-name'),
      missing: await counter.by('missing-count').getAttribute('data-count'),
    }).toEqual(before);
    expect(await counter.by('other-card').count()).toBe(0);

    // Lifted and placed again, the second card is an applicant's like any other.
    await counter.by('demo-lift').waitFor();
    await counter.liftCard();
    await page.waitForTimeout(2_500);
    await counter.placeCard(2);
    await counter.by('other-card').waitFor({ timeout: 20_000 });
  });

  it('changes the reader and says at once how the new one is', async ({ onTestFailed }) => {
    onTestFailed(async () => {
      await look('reader-page-failed-2');
    });
    await counter.press('Alt+r');
    await counter.by('reader-page').waitFor();
    await counter.press('Control+2');
    await counter.by('mode-real').check();
    await counter.by('choice-profile').selectOption('uart');
    await counter.press('Control+s');
    await counter.says('choice-missing', '串口');
    await counter.type('/dev/zc-no-such-port');
    await counter.press('Control+s');
    await counter.by('choice-saved').waitFor();
    await counter.says('reader-now-says', '没有找到读卡器', 30_000);
    expect(await counter.by('reader-advice').count()).toBe(1);
    // Asked for a card now, it says why there is no use in placing one.
    await counter.press('F6');
    await counter.says('test-prompt', '没有找到读卡器');
    await look('reader-page-absent');
    await counter.press('Escape');

    await counter.by('mode-auto').check();
    await counter.by('choice-profile').selectOption('');
    await counter.press('Control+s');
    await counter.says('reader-now-name', '演示', 30_000);
    await counter.press('Escape');
    await counter.by('applicant-name').first().waitFor();
  });

  it('keeps no number of a person in what it has said on the terminal', () => {
    for (const { number } of people) expect(shell.output()).not.toContain(number);
  });
});
