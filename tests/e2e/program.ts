import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

export const root = resolve(import.meta.dirname, '../..');
const START_LIMIT_MS = 60_000;

/** The built program in the plain shell, without a window of its own: the tests bring theirs. */
export interface Program {
  profile: string;
  port: number;
  pid: number;
  /** Everything it said on the terminal. */
  output(): string;
  /** A fresh address with a one-time secret; asked for as a second start asks. */
  invite(): Promise<string>;
  /** As Ctrl+C. @returns the exit code */
  stop(): Promise<number | null>;
  /** As a power cut does to the process. */
  kill(): Promise<void>;
}

const ADDRESS = /综窗 ready: (http:\/\/\S+)/g;

/** @param args further switches, e.g. `--server URL --code CODE` */
export async function startProgram(options: {
  profile: string;
  port: number;
  args?: string[];
}): Promise<Program> {
  const { profile, port } = options;
  // No display: a second start then prints an address instead of opening a browser.
  const env = { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '' };
  const run = (args: string[]): ChildProcess =>
    spawn(
      process.execPath,
      [join(root, 'out/standalone/index.js'), '--profile', profile, '--port', String(port), ...args],
      {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
  const child = run(['--no-window', ...(options.args ?? [])]);
  let output = '';
  const heard = new Set<() => void>();
  const hear = (chunk: Buffer): void => {
    output += chunk.toString();
    heard.forEach((tell) => tell());
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  const gone = new Promise<number | null>((done) => child.once('exit', done));
  let used = 0;

  async function nextAddress(): Promise<string> {
    const until = Date.now() + START_LIMIT_MS;
    for (;;) {
      const found = [...output.matchAll(ADDRESS)].map((match) => match[1] as string);
      if (found.length > used) return found[used++] as string;
      if (Date.now() > until || child.exitCode !== null)
        throw new Error(`the program gave no address:\n${output}`);
      await new Promise<void>((wake) => {
        const timer = setTimeout(wake, 200);
        heard.add(() => {
          clearTimeout(timer);
          wake();
        });
      });
      heard.clear();
    }
  }

  return {
    profile,
    port,
    pid: child.pid as number,
    output: () => output,
    async invite() {
      if (used > 0) {
        const second = run([]);
        await new Promise((done) => second.once('exit', done));
      }
      return nextAddress();
    },
    async stop() {
      if (child.exitCode === null) child.kill('SIGTERM');
      return gone;
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** A window: a real Chromium with a profile that survives it. */
export interface Window {
  page: Page;
  /** Of the browser process. */
  pid: number;
  close(): Promise<void>;
  /** As the end-of-process button: no page hears of it. */
  kill(): Promise<void>;
}

/** Opens the program's page at the counter's size. */
export async function openWindow(
  program: Program,
  options: {
    width?: number;
    height?: number;
    args?: string[];
    /** Where the browser keeps its profile; a folder of the program's by default. */
    userData?: string;
    /** Before the page is loaded. */
    prepare?: (page: Page) => Promise<void>;
  } = {},
): Promise<Window> {
  const context: BrowserContext = await chromium.launchPersistentContext(
    options.userData ?? join(program.profile, 'test-window'),
    {
      executablePath: process.env['ZONGCHUANG_BROWSER'] ?? '/usr/bin/chromium',
      headless: true,
      viewport: { width: options.width ?? 1366, height: options.height ?? 768 },
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        ...(options.args ?? []),
      ],
    },
  );
  const page = context.pages()[0] ?? (await context.newPage());
  try {
    await options.prepare?.(page);
    await page.goto(await program.invite());
  } catch (error) {
    // A browser nobody holds would keep the profile to itself.
    await context.close().catch(() => undefined);
    throw error;
  }
  return {
    page,
    pid: await browserPid(context),
    close: () => context.close(),
    async kill() {
      const pid = await browserPid(context);
      process.kill(pid, 'SIGKILL');
      await context.close().catch(() => undefined);
    },
  };
}

async function browserPid(context: BrowserContext): Promise<number> {
  const session = await context.browser()?.newBrowserCDPSession();
  if (!session) throw new Error('no browser');
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const browser = processInfo.find((process) => process.type === 'browser');
  if (!browser) throw new Error('no browser process');
  return browser.id;
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}

/** A profile folder of its own, with the closer that removes it. */
export function newProfile(): { profile: string; remove: () => void } {
  const profile = mkdtempSync(join(tmpdir(), 'zc-profile-'));
  return { profile, remove: () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }) };
}
