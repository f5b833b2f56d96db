import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Journal } from '../../electron/core/journal/journal.ts';
import {
  DISABLED_FEATURES,
  openBenchJournal,
  OWN_DEVICE,
  serveJournal,
  writePages,
} from '../bench/store/node-side.ts';
import type { StoreBench } from '../bench/store/page.ts';
// @ts-expect-error -- plain JavaScript of the bench, which starts without being built
import { serveSite } from '../bench/store/site.mjs';

declare const storeBench: StoreBench;

const PAGES = 4;
const CASES = PAGES * 500;

let folder = '';
let journal: Journal;
let machine: ReturnType<typeof serveJournal>;
let site: { url: string; close(): Promise<unknown> };
let context: BrowserContext | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zc-local-store-'));
  writePages(join(folder, 'pages'), CASES);
  site = await serveSite(folder);
  journal = await openBenchJournal(join(folder, 'machine'));
  machine = serveJournal(journal);
}, 60_000);

afterAll(async () => {
  await context?.close();
  machine.close();
  await journal.close();
  await site.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
});

async function openPage(
  profile: string,
  features = `--disable-features=${DISABLED_FEATURES.join(',')}`,
): Promise<Page> {
  context = await chromium.launchPersistentContext(join(folder, profile), {
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', features],
    ignoreDefaultArgs: ['--disable-features'],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(site.url);
  await page.waitForFunction(() => 'storeBench' in globalThis);
  return page;
}

const openStore = async (page: Page): Promise<{ ms: number; rows: number }> =>
  page.evaluate((options) => storeBench.open(options), {
    name: 'hall',
    port: await machine.port,
    dev: OWN_DEVICE,
    rows: 50,
  });

describe('the store in real Chromium, with the real journal', () => {
  it('is filled backwards, searched, killed and opened again without losing a save', async () => {
    const page = await openPage('one');
    await openStore(page);
    const filled = await page.evaluate((pages) => storeBench.newPc(pages), PAGES);
    expect(filled.found).toBeGreaterThan(0);
    await page.evaluate((cases) => storeBench.look(cases, 3), CASES);
    await page.evaluate(() => storeBench.save(3, 1));
    expect(await page.evaluate(() => storeBench.durabilities())).toEqual({
      own: 'strict',
      pulled: 'relaxed',
    });
    expect(await page.evaluate(() => storeBench.evidence())).toMatchObject({
      cases: CASES + 3,
      // Looking somebody up leaves a trace.
      events: CASES + 4,
      unsent: 4,
      backfill: null,
      storage: { backend: 'leveldb' },
    });
    // The page goes without a word, as when its process is killed.
    await page.goto('about:blank');
    await page.goto(site.url);
    await page.waitForFunction(() => 'storeBench' in globalThis);
    expect(await openStore(page)).toMatchObject({ rows: 50 });
    expect(await page.evaluate(() => storeBench.evidence())).toMatchObject({
      cases: CASES + 3,
      events: CASES + 4,
    });
    await context?.close();
  });

  it('tells which back end keeps it, and comes back from the journal when another one has deleted it', async () => {
    const page = await openPage('one', '--enable-features=IdbSqliteBackingStore');
    await openStore(page);
    expect(await page.evaluate(() => storeBench.evidence())).toMatchObject({
      storage: { backend: 'sqlite' },
      // What this device did came from the journal; the rest comes from the server.
      cases: 3,
      unsent: 4,
    });
    await context?.close();
  });
});
