import { figures } from './figures.mjs';
import { freePort, lookInto, momentOf, startProgram } from './program.mjs';
import { openServerOnly } from './server-only.mjs';

/** What the clerk types when the program cannot know it. */
const TYPED = { phone: '13800000000', bankName: '测试银行测试支行', bankAccount: '6200000000000000000' };

/**
 * One program, many cases: from the card's last byte to the filled form, from F9 to 已保存 and to the server's word. The
 * case is the routine one: the last item, a returning applicant, self-paying.
 */
export async function oneCase(place, runs) {
  const port = await freePort();
  const program = startProgram(place, port);
  const { browser, page } = await lookInto(place.debugPort, 90_000);
  await momentOf(page, 'usable');
  await page.locator('[data-testid^="demo-card-"]').first().waitFor();
  await page.waitForFunction(
    () => document.querySelector('[data-testid="line-light"]')?.textContent?.includes('已同步'),
    undefined,
    { timeout: 60_000 },
  );
  for (let run = 0; run <= runs; run++) await takeIn(page, run);
  const marks = await page.evaluate(() => window.__zc.marks);
  const of = (name) => marks.filter((mark) => mark.name === name).map((mark) => mark.detail);
  const filled = of('zc:card-filled').map(({ at, lastByteAt }) => at - lastByteAt);
  const saved = of('zc:saved');
  const onServer = await toServer(page, saved);
  const row = await plainRow(page, runs);
  const serverOnly = await openServerOnly(`${place.profile}/server`);
  const posted = await serverOnly.measure(runs);
  await serverOnly.close();
  await browser.close();
  await program.stop();
  return [
    {
      name: "card's last byte → form on the screen",
      unit: 'ms',
      target: 50,
      ours: figures(filled.slice(1)),
      beside: null,
    },
    {
      name: 'F9 → 已保存 (journal fsynced, Dexie strict, painted)',
      unit: 'ms',
      target: null,
      ours: figures(saved.slice(1).map(({ ms }) => ms)),
      beside: { name: 'one IndexedDB row, default durability (lost in a power cut)', ...figures(row) },
    },
    {
      name: 'F9 → on the server (PostgreSQL, fsynced)',
      unit: 'ms',
      target: null,
      ours: figures(onServer.slice(1)),
      beside: { name: 'server-only form: HTTP POST → insert → commit', ...figures(posted) },
    },
  ];
}

async function takeIn(page, run) {
  const step = () =>
    page.evaluate(() => document.activeElement?.closest('[data-step]')?.getAttribute('data-step') ?? '');
  const count = (name) => page.evaluate((mark) => performance.getEntriesByName(mark).length, name);
  const before = await count('saved');
  await page.keyboard.press(`Alt+${(run % 2) + 1}`);
  await page.locator('[data-testid="applicant-name"]').first().waitFor();
  let given = -1;
  for (let tries = 0; tries < 400; tries++) {
    const now = await step();
    if (now === 'accept') break;
    const answers = await page.locator('.option.given').count();
    if (now === 'item') {
      if (run === 0) {
        await page.keyboard.type('lhjy');
        await page.locator('[data-testid="item-option"]').first().waitFor();
      }
      await page.keyboard.press('Enter');
    } else if (now === 'question' && answers !== given) {
      given = answers;
      await page.keyboard.press('1');
    } else if (now.startsWith('field:')) {
      await page.keyboard.type(TYPED[now.slice(6)]);
      await page.keyboard.press('Enter');
    } else if (now.startsWith('material:')) await page.keyboard.press('Control+0');
    await page.waitForTimeout(25);
  }
  await page.keyboard.press('F9');
  await page.waitForFunction((n) => performance.getEntriesByName('saved').length > n, before, {
    timeout: 20_000,
  });
  await page.waitForFunction((n) => performance.getEntriesByName('acknowledged').length > n, before, {
    timeout: 20_000,
  });
  await page.keyboard.press('Alt+0');
  await page.waitForTimeout(400);
}

/** F9 to the server's word: the moment of the mark `acknowledged` of each case, less the moment of its key. */
async function toServer(page, saved) {
  const moments = await page.evaluate(() => {
    const entries = (name) => performance.getEntriesByName(name).map((entry) => entry.startTime);
    const aggs = (name) =>
      window.__zc.marks.filter((mark) => mark.name === `zc:${name}`).map((mark) => mark.detail.agg);
    const at = (name) => Object.fromEntries(aggs(name).map((agg, i) => [agg, entries(name)[i]]));
    return { saved: at('saved'), acknowledged: at('acknowledged') };
  });
  // The server may be faster than the next painted frame: then 已保存 is the later of the two.
  return saved.map(({ agg, ms }) => moments.acknowledged[agg] - (moments.saved[agg] - ms));
}

/** What many desktop programs do: one put, no journal, Chromium's default durability. */
async function plainRow(page, runs) {
  return page.evaluate(async (count) => {
    const open = indexedDB.open('bench-plain', 1);
    open.onupgradeneeded = () => open.result.createObjectStore('rows', { autoIncrement: true });
    await new Promise((done) => (open.onsuccess = done));
    const times = [];
    for (let i = 0; i < count; i++) {
      const began = performance.now();
      const tx = open.result.transaction('rows', 'readwrite');
      tx.objectStore('rows').put({ text: 'x'.repeat(3000) });
      await new Promise((done) => (tx.oncomplete = done));
      times.push(performance.now() - began);
    }
    open.result.close();
    indexedDB.deleteDatabase('bench-plain');
    return times;
  }, runs);
}
