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

const folder = join(root, 'tests/.artifacts/screenshots');

/** One window of the hall on a cable of its own. */
async function openDesk(server: TestServer, station: string) {
  const { profile, remove } = newProfile();
  const line: Line = await startLine(server.url);
  const program: Program = await startProgram({
    profile,
    port: await freePort(),
    args: ['--server', line.url, '--code', await server.newCode('330102', station)],
  });
  const window: Window = await openWindow(program);
  const counter: Counter = counterOf(window.page);
  await counter.usable();
  return {
    line,
    counter,
    page: window.page,
    async close() {
      await window.close().catch(() => undefined);
      await program.stop();
      await line.close();
      remove();
    },
  };
}
type Desk = Awaited<ReturnType<typeof openDesk>>;

describe('one number called at two windows while the line is down', () => {
  let server: TestServer;
  let desks: [Desk, Desk];

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    server = await startTestServer();
    desks = await Promise.all([openDesk(server, '3'), openDesk(server, '5')]);
  });

  afterAll(async () => {
    await Promise.all(desks.map((desk) => desk.close()));
    await server.dispose();
  });

  const each = (deed: (desk: Desk) => Promise<void>) => Promise.all(desks.map(deed));
  const conflictsAtBar = ({ page }: Desk) =>
    page.locator('[data-testid="line-alert"][data-name="conflicts"]');

  it('keeps both records, tells the one that came second, and is decided in three keys', async () => {
    const [three, five] = desks;
    await three.counter.press('Control+t');
    await three.counter.by('last-taken').waitFor();
    const no = /[A-Z]\d{3}/.exec(await three.counter.text('last-taken'))?.[0] ?? '';
    expect(no).not.toBe('');
    await five.page.locator('[data-testid="waiting-count"][data-count="1"]').waitFor();

    desks.forEach(({ line }) => line.cut());
    await each(async ({ counter }) => {
      await counter.says('line-light', '离线');
      await counter.press('F2');
      await counter.says('current-ticket', no);
    });
    await three.page.screenshot({ path: join(folder, 'conflict-offline.png') });

    desks.forEach(({ line }) => line.restore());
    await each((desk) => conflictsAtBar(desk).waitFor({ timeout: 30_000 }));
    const isTold = ({ page }: Desk) => page.getByTestId('strip-message').filter({ hasText: '号窗口冲突' });
    const first = await Promise.race(
      desks.map(async (desk) => {
        await isTold(desk).waitFor();
        return desk;
      }),
    );
    const [loser, other] = first === three ? [three, five] : [five, three];
    expect(await isTold(other).count()).toBe(0);
    await loser.page.screenshot({ path: join(folder, 'conflict-told.png') });

    const { counter, page } = loser;
    counter.takeKeys();
    await counter.press('Alt+h');
    await counter.by('version-second').waitFor();
    await page.screenshot({ path: join(folder, 'conflict-page.png') });
    await counter.press('2');
    await counter.press('Enter');
    await page.locator('[data-testid="conflicts-open"]').filter({ hasText: /^0$/ }).waitFor();
    expect(counter.takeKeys()).toBeLessThanOrEqual(3);
    await page.screenshot({ path: join(folder, 'conflict-decided.png') });

    // The other window hears of it: its record does not count any more, and it is told.
    await conflictsAtBar(other).waitFor({ state: 'detached', timeout: 30_000 });
    await other.counter.says('strip-message', '已定');
    await counter.press('Escape');
    await counter.says('current-ticket', no);
    await other.page.locator('[data-testid="current-ticket"]').filter({ hasText: '—' }).waitFor();

    const rows = await server.query<{ n: number }>(
      "select count(*)::int as n from event where type = 'conflict.decided'",
    );
    expect(rows[0]?.n).toBe(1);
  });
});
