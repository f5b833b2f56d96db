import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addClerk } from '../../server/store/clerks.ts';
import { startTestServer, type TestServer } from '../server/start.ts';
import { counterOf, type Counter } from './counter.ts';
import { newProfile, root } from './program.ts';
import { serveCitizen } from './serve-citizen.ts';
import { shells, type RunningShell } from './shells.ts';

const shots = join(root, 'tests/.artifacts');

/** One shell is enough: what the window shows follows from the events, and those from the server. */
describe.each(shells.filter(({ skip }) => skip === null).slice(0, 1))(
  'the back office, seen from $name',
  ({ start }) => {
    let server: TestServer;
    let shell: RunningShell;
    let counter: Counter;
    let browser: Browser;
    const { profile, remove } = newProfile();

    beforeAll(async () => {
      server = await startTestServer();
      shell = await start({ profile, args: ['--server', server.url, '--code', await server.newCode()] });
      counter = counterOf(shell.page());
      await counter.usable();
      mkdirSync(shots, { recursive: true });
    });
    afterAll(async () => {
      await browser.close();
      await shell.stop();
      await server.dispose();
      remove();
    });

    it('gives a result, and the window that took the case in shows it as finished by itself', async () => {
      const secret = await addClerk(server.database.pool, {
        hall: '330102',
        id: 'b01',
        name: '测试丙',
        roles: ['office'],
      });
      await serveCitizen(counter, { card: 1, search: 'lhjy' });
      const caseNo = await counter.text('saved-case-no');
      await counter.liftCard();
      await counter.says('line-light', '已同步');

      browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
      const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
      const said: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      await page.goto(`${server.url}/office`);
      await page.getByLabel('工号').fill('b01');
      await page.getByLabel('口令').fill(secret);
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: caseNo }).click();
      await page.getByText('记录这一步').click();
      await page.getByText('已记录这一步').waitFor();
      await page.getByLabel('准予').check();
      await page.getByPlaceholder('结果说明').fill('准予登记');
      await page.getByText('办结并通知窗口').click();
      await page.getByText('已办结，各窗口').waitFor();
      await page.screenshot({ path: join(shots, 'office-finished.png') });

      await counter.says('recent-cases', '已办结 · 准予', 20_000);
      await counter.page.screenshot({ path: join(shots, 'office-at-window.png') });
      expect(said).toEqual([]);
    });
  },
);
