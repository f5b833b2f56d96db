// Starts the whole program as a person does and looks into its window from outside.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../electron/launcher/browser.mjs';
import { root } from '../../electron/launcher/root.mjs';

export async function freePort() {
  const probe = createServer();
  await new Promise((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

/** A folder for the bench alone, with a browser that has no screen and lets itself be looked into. */
export async function newPlace() {
  const folder = mkdtempSync(join(tmpdir(), 'zc-bench-'));
  const debugPort = await freePort();
  const browser = join(folder, 'browser');
  writeFileSync(
    browser,
    `#!/bin/sh\nexec "${findBrowser()}" --headless=new --disable-gpu --remote-debugging-port=${debugPort} "$@"\n`,
  );
  chmodSync(browser, 0o755);
  return {
    folder,
    browser,
    debugPort,
    profile: join(folder, 'profile'),
    // The browser's helper processes may still be writing for a moment.
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 }),
  };
}

/** Looks into a browser as soon as it lets itself be looked into. */
export async function lookInto(debugPort, limitMs = 30_000) {
  const until = Date.now() + limitMs;
  for (;;) {
    try {
      const browser = await chromium.connectOverCDP(`http://127.0.0.1:${debugPort}`);
      const page = browser.contexts()[0]?.pages()[0];
      if (page) return { browser, page };
      await browser.close();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** `npm start` on a built checkout; `began` is the moment of the keystroke. */
export function startProgram(place, port, more = []) {
  const began = Date.now();
  const child = spawn(
    process.execPath,
    [join(root, 'electron/launcher/start.mjs'), '--profile', place.profile, '--port', String(port), ...more],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A display is named so that a window is opened; the browser has none and does not ask.
      env: {
        ...process.env,
        ZONGCHUANG_BROWSER: place.browser,
        DISPLAY: process.env.DISPLAY || ':0',
        ZONGCHUANG_SHELL: 'plain',
      },
    },
  );
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (output += data));
  return {
    began,
    output: () => output,
    async stop() {
      if (child.exitCode !== null) return;
      const gone = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** Waits for a mark of the window and gives its moment, milliseconds since 1970. */
export async function momentOf(page, mark, nth = 0) {
  await page.waitForFunction(([name, n]) => performance.getEntriesByName(name).length > n, [mark, nth], {
    timeout: 60_000,
  });
  return page.evaluate(
    ([name, n]) => performance.timeOrigin + performance.getEntriesByName(name)[n].startTime,
    [mark, nth],
  );
}
