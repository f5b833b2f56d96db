// Takes pictures of the window in its main states, to be looked at. Run after the harness was built:
//   npx vite build -c tests/renderer/harness/vite.config.ts && node tests/renderer/harness/shoot.mjs [name…]
import { createServer } from 'node:http';
import { mkdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { chromium } from 'playwright-core';

const root = join(import.meta.dirname, '../../.artifacts/harness');
const out = join(import.meta.dirname, '../../.artifacts/screens');
mkdirSync(out, { recursive: true });
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://x').pathname;
  try {
    const body = readFileSync(join(root, path === '/' ? 'index.html' : path));
    response.writeHead(200, {
      'Content-Type': TYPES[extname(path) || '.html'] ?? 'application/octet-stream',
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}/`;

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });

async function open({ query = '', width = 1366, height = 768, scale = 1 } = {}) {
  const context = await browser.newContext({
    // A zoomed page has fewer CSS pixels, each of them larger.
    viewport: { width: Math.round(width / scale), height: Math.round(height / scale) },
    deviceScaleFactor: scale,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) console.log(`  [${message.type()}]`, message.text());
  });
  page.on('pageerror', (error) => console.log('  [pageerror]', error.message));
  await page.addInitScript(() => {
    window.addEventListener('zc:usable', () => (window.usableAt = performance.now()));
  });
  await page.goto(url + query);
  return page;
}
const usable = (page) => page.waitForFunction(() => window.usableAt !== undefined);

async function shoot(page, name) {
  const cut = await page.evaluate(() => ({
    scroll: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    wide: [...document.querySelectorAll('.counter *, .admin *')]
      .filter(
        (e) =>
          e.scrollWidth > e.clientWidth + 1 &&
          getComputedStyle(e).overflowX !== 'visible' &&
          getComputedStyle(e).textOverflow !== 'ellipsis' &&
          e.clientWidth > 0 &&
          !e.classList.contains('unseen'),
      )
      .map((e) => `${e.tagName}.${e.className}`)
      .slice(0, 5),
  }));
  if (cut.scroll > 0 || cut.wide.length > 0) console.log(`  ${name}: cut off`, JSON.stringify(cut));
  await page.screenshot({ path: join(out, `${name}.png`) });
  console.log(name);
}

async function queueUp(page) {
  for (let i = 0; i < 4; i++) {
    await page.keyboard.press('Control+t');
    await page.waitForTimeout(120);
  }
  await page.keyboard.press('F2');
  await page.waitForTimeout(200);
}
async function place(page, n) {
  const filled = page.evaluate(
    () =>
      new Promise((resolve) =>
        window.addEventListener('zc:card-filled', (e) => resolve(e.detail), { once: true }),
      ),
  );
  await page.keyboard.press(`Alt+${n}`);
  const detail = await filled;
  console.log(`  filled in ${(detail.at - detail.lastByteAt).toFixed(1)} ms`);
  await page.waitForTimeout(150);
}
async function chooseItem(page, query) {
  await page.keyboard.press('Control+k');
  await page.keyboard.type(query);
  await page.waitForTimeout(100);
  await page.keyboard.press('Enter');
  await page.waitForTimeout(100);
}
async function complete(page) {
  await place(page, 1);
  await chooseItem(page, 'lhjy');
  await page.keyboard.press('1');
  await page.keyboard.press('2');
  await page.keyboard.press('3');
  await page.waitForTimeout(100);
  await page.keyboard.type('13800001111');
  await page.keyboard.press('Enter');
  await page.waitForTimeout(100);
}
async function accept(page) {
  await page.keyboard.press('F9');
  await page.getByTestId('saved-case-no').waitFor();
  await page.waitForTimeout(900);
}

const scenes = {
  async empty(options, suffix) {
    const page = await open(options);
    await usable(page);
    console.log(`  usable after ${(await page.evaluate(() => window.usableAt)).toFixed(0)} ms`);
    await shoot(page, `empty${suffix}`);
    await page.context().close();
  },
  async flow(options, suffix) {
    const page = await open(options);
    await usable(page);
    await queueUp(page);
    await shoot(page, `queue${suffix}`);
    await place(page, 1);
    await shoot(page, `card${suffix}`);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('sb');
    await page.waitForTimeout(150);
    await shoot(page, `search${suffix}`);
    await page.keyboard.press('Control+a');
    await chooseItem(page, 'lhjy');
    await shoot(page, `questions${suffix}`);
    await page.keyboard.press('1');
    await page.keyboard.press('1');
    await page.keyboard.press('3');
    await page.waitForTimeout(150);
    await shoot(page, `fields${suffix}`);
    await page.keyboard.type('1380000');
    await page.keyboard.press('Enter');
    await page.waitForTimeout(100);
    await page.getByTestId('field-postalAddress').locator('button').first().click();
    await page.waitForTimeout(150);
    await shoot(page, `correction${suffix}`);
    await page.keyboard.press('Escape');
    await page.keyboard.press('F9');
    await page.waitForTimeout(150);
    await shoot(page, `missing${suffix}`);
    await page.context().close();
  },
  async saved(options, suffix) {
    const page = await open(options);
    await usable(page);
    await queueUp(page);
    await complete(page);
    await shoot(page, `ready${suffix}`);
    await accept(page);
    await shoot(page, `saved${suffix}`);
    await page.keyboard.press('Alt+p');
    await page.waitForTimeout(400);
    await shoot(page, `preview${suffix}`);
    await page.keyboard.press('Escape');
    await page.waitForTimeout(200);
    await place(page, 2);
    await shoot(page, `second${suffix}`);
    await page.context().close();
  },
  async trouble(options, suffix) {
    const page = await open(options);
    await usable(page);
    await page.evaluate(() => {
      window.machine.setLine('offline');
      window.machine.state.printer = 'uncertain';
    });
    await queueUp(page);
    await complete(page);
    await accept(page);
    await shoot(page, `offline-uncertain${suffix}`);
    await page.keyboard.press('Alt+y');
    await page.waitForTimeout(300);
    await page.evaluate(() => window.machine.setCard('error', 'ID_CARD_LIFTED'));
    await page.waitForTimeout(200);
    await shoot(page, `reader-error${suffix}`);
    await page.keyboard.press('Alt+m');
    await page.keyboard.type('110101199001017771');
    await page.waitForTimeout(200);
    await shoot(page, `typed${suffix}`);
    await page.context().close();
  },
  async keys(options, suffix) {
    const page = await open(options);
    await usable(page);
    await page.keyboard.press('F1');
    await page.waitForTimeout(400);
    await shoot(page, `keys${suffix}`);
    await page.getByTestId('contrast').click();
    await page.keyboard.press('Escape');
    await page.waitForTimeout(300);
    await complete(page);
    await shoot(page, `contrast${suffix}`);
    await page.keyboard.press('Escape');
    await page.waitForTimeout(400);
    await shoot(page, `clear${suffix}`);
    await page.context().close();
  },
  async printers(options, suffix) {
    const page = await open(options);
    await usable(page);
    await page.evaluate(() => (location.hash = '#/admin/printers'));
    await page.getByTestId('found-printer').first().waitFor();
    await page.getByTestId('printer-mode').selectOption('tcp');
    await shoot(page, `printers${suffix}`);
    await page.keyboard.press('F6');
    await page.locator('[data-testid="test-page"][data-state="printed"]').waitFor();
    await page.waitForTimeout(200);
    await shoot(page, `printers-test${suffix}`);
    await page.context().close();
  },
  async readers(options, suffix) {
    const page = await open(options);
    await usable(page);
    await page.evaluate(() => (window.machine.state.devices[0].inUse = false));
    await page.keyboard.press('Alt+r');
    await page.getByTestId('device').first().waitFor();
    await page.waitForTimeout(400);
    await shoot(page, `readers${suffix}`);
    await page.getByTestId('show-typing').check();
    await page.getByTestId('device').last().scrollIntoViewIfNeeded();
    await page.waitForTimeout(150);
    await shoot(page, `readers-end${suffix}`);
    await page.getByTestId('device').filter({ hasText: '1A2B' }).getByTestId('probe').click();
    await page.waitForTimeout(250);
    await shoot(page, `readers-probe-ask${suffix}`);
    await page.getByTestId('probe-start').click();
    await page.waitForTimeout(1100);
    await shoot(page, `readers-probe-running${suffix}`);
    await page.getByTestId('probe-answered').waitFor();
    await shoot(page, `readers-probe-answered${suffix}`);
    await page.keyboard.press('Escape');
    await page.keyboard.press('F6');
    await page.waitForTimeout(200);
    await shoot(page, `readers-test-waiting${suffix}`);
    await page.keyboard.press('Alt+1');
    await page.getByTestId('test-document').waitFor();
    await page.waitForTimeout(200);
    await shoot(page, `readers-test${suffix}`);
    await page.keyboard.press('Control+2');
    await page.getByTestId('reader-choice').waitFor();
    await page.getByTestId('mode-real').check();
    await page.getByTestId('choice-profile').selectOption('sdtapi');
    await page.keyboard.press('Control+s');
    await page.waitForTimeout(300);
    await shoot(page, `readers-choice${suffix}`);
    await page.keyboard.press('Control+3');
    await page.getByTestId('frame').first().waitFor();
    await page.waitForTimeout(700);
    await shoot(page, `readers-frames${suffix}`);
    await page.keyboard.press('Control+4');
    await page.getByTestId('photo-decoder').waitFor();
    await page.waitForTimeout(200);
    await shoot(page, `readers-photo${suffix}`);
    await page.keyboard.press('Control+5');
    await page.getByTestId('reader-help').waitFor();
    await page.waitForTimeout(200);
    await shoot(page, `readers-help${suffix}`);
    await page.context().close();
  },
  async sync(options, suffix) {
    const page = await open(options);
    await usable(page);
    await page.keyboard.press('Alt+u');
    await page.getByTestId('evidence-send').waitFor();
    await page.waitForTimeout(200);
    await shoot(page, `sync${suffix}`);
    await page.evaluate(() => {
      const { state } = window.machine;
      state.skewMs = 301_000;
      state.journal = {
        ...state.journal,
        reserve: 'missing',
        freeBytes: 300 * 1024 ** 2,
        incarnations: 3,
        copies: { folder: '\\\\10.0.0.9\\zongchuang', lastAt: null, files: 0, error: 'EACCES' },
      };
      window.machine.setLine('offline');
    });
    await page.keyboard.press('F6');
    await page.keyboard.type('E:');
    await page.keyboard.press('Enter');
    await page.waitForTimeout(2500);
    await shoot(page, `sync-trouble${suffix}`);
    await page.keyboard.press('Escape');
    await page.waitForTimeout(300);
    await shoot(page, `sync-bar${suffix}`);
    await page.context().close();
  },
  async conflicts(options, suffix) {
    const page = await open(options);
    await usable(page);
    await page.keyboard.press('Control+t');
    await page.waitForTimeout(600);
    await page.evaluate(() => window.machine.setLine('offline'));
    await page.keyboard.press('F2');
    await page.waitForTimeout(300);
    await page.evaluate(() => {
      window.machine.callElsewhere();
      window.machine.setLine('online');
    });
    await page.locator('[data-testid="line-alert"]').waitFor();
    await page.waitForTimeout(500);
    await shoot(page, `conflict-told${suffix}`);
    await page.keyboard.press('Alt+h');
    await page.getByTestId('version-first').waitFor();
    await page.keyboard.press('2');
    await page.waitForTimeout(150);
    await shoot(page, `conflicts-chosen${suffix}`);
    await page.keyboard.press('Enter');
    await page.locator('[data-testid="conflicts-open"]').filter({ hasText: /^0$/ }).waitFor();
    await shoot(page, `conflicts-decided${suffix}`);
    await page.context().close();
  },
  async signIn(options, suffix) {
    const query = `?clerks=yes${(options.query ?? '').replace('?', '&')}`;
    const page = await open({ ...options, query });
    await page.getByTestId('secret').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.waitForTimeout(200);
    await shoot(page, `sign-in${suffix}`);
    await page.keyboard.type('1');
    await page.keyboard.press('Enter');
    await page.waitForTimeout(200);
    await shoot(page, `sign-in-wrong${suffix}`);
    await page.keyboard.type('locked');
    await page.keyboard.press('Enter');
    await page.waitForTimeout(200);
    await shoot(page, `sign-in-locked${suffix}`);
    await page.keyboard.type('123456');
    await page.keyboard.press('Enter');
    await page.waitForTimeout(500);
    await shoot(page, `signed-in${suffix}`);
    await page.keyboard.press('Alt+k');
    await page.waitForTimeout(300);
    await shoot(page, `signed-out${suffix}`);
    await page.context().close();
  },
  async readersTrouble(options, suffix) {
    const page = await open(options);
    await usable(page);
    await page.evaluate(() => {
      window.machine.state.fromPolicy = ['reader.mode', 'reader.profile'];
      window.machine.state.devices = [];
      window.machine.setCard('absent', 'ID_CARD_NO_PERMISSION');
    });
    await page.waitForTimeout(300);
    await shoot(page, `readers-strip${suffix}`);
    await page.keyboard.press('Alt+r');
    await page.getByTestId('no-devices').waitFor();
    await page.waitForTimeout(300);
    await shoot(page, `readers-absent${suffix}`);
    await page.keyboard.press('Control+2');
    await page.getByTestId('choice-fixed').waitFor();
    await shoot(page, `readers-policy${suffix}`);
    await page.context().close();
  },
  async photo(options, suffix) {
    const page = await open(options);
    await usable(page);
    await place(page, 1);
    await shoot(page, `photo-no-decoder${suffix}`);
    await page.evaluate(() => (window.machine.state.photo = 'decoded'));
    await place(page, 2);
    await shoot(page, `photo-decoded${suffix}`);
    await page.keyboard.press('Alt+z');
    await page.waitForTimeout(150);
    await shoot(page, `photo-large${suffix}`);
    await page.evaluate(() => (window.machine.state.photo = 'timeout'));
    await place(page, 3);
    await shoot(page, `photo-timeout${suffix}`);
    await page.evaluate(() => {
      window.machine.state.photo = 'decoded';
      window.machine.state.photoStatus = {
        library: 'unusable',
        reason: 'library-32bit',
        detail: 'it is a 32-bit library (ia32), and this program is a 64-bit one (x64)',
        last: { outcome: 'decoded', detail: '', at: Date.now(), ms: 46 },
      };
    });
    await page.keyboard.press('Alt+r');
    await page.getByTestId('reader-page').waitFor();
    await page.keyboard.press('Control+4');
    await page.getByTestId('photo-decoder').waitFor();
    await page.keyboard.press('Alt+1');
    await page.waitForTimeout(1200);
    await shoot(page, `photo-admin${suffix}`);
    await page.context().close();
  },
  async enrol(options, suffix) {
    const page = await open({ ...options, query: '?enrolled=no' });
    await page.getByTestId('enrol').waitFor();
    await page.waitForTimeout(300);
    await shoot(page, `enrol${suffix}`);
    await page.context().close();
  },
  async failure(options, suffix) {
    const page = await open({ ...options, query: '?fail=yes' });
    await page.getByTestId('start-failure').waitFor();
    await shoot(page, `failure${suffix}`);
    await page.context().close();
  },
};

const wanted = process.argv.slice(2);
const runs = [
  ['', {}, Object.keys(scenes)],
  [
    '-1920',
    { width: 1920, height: 1080 },
    ['photo', 'empty', 'flow', 'saved', 'readers', 'sync', 'conflicts', 'signIn'],
  ],
  [
    '-en',
    { query: '?lang=en' },
    ['photo', 'empty', 'flow', 'saved', 'trouble', 'readers', 'sync', 'conflicts', 'signIn'],
  ],
  ['-125', { scale: 1.25 }, ['empty', 'flow', 'saved', 'readers', 'sync', 'conflicts']],
  ['-150', { scale: 1.5 }, ['photo', 'empty', 'flow', 'saved', 'readers', 'sync', 'conflicts', 'signIn']],
];
for (const [suffix, options, names] of runs) {
  for (const name of names) {
    if (wanted.length > 0 && !wanted.includes(name + suffix)) continue;
    await scenes[name](options, suffix).catch((error) =>
      console.log(`${name}${suffix} failed:`, error.message),
    );
  }
}
await browser.close();
server.close();
