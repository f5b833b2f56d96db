import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { WebSocket } from 'ws';
import type { Message } from '../../../shared/contract/wire.ts';
import { exchange, knock } from '../../contract/loopback.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { startProgram } from './program.ts';

async function ask(address: string, name: string): Promise<unknown> {
  const { origin } = new URL(address);
  const socket = (await knock(origin, { cookie: (await exchange(address)) ?? '' })) as WebSocket;
  onTestFinished(() => socket.terminate());
  socket.send(JSON.stringify({ kind: 'call', id: 1, name, input: {} } satisfies Message));
  return new Promise((resolve) => {
    socket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString()) as Message;
      if (message.kind === 'reply') resolve(message.reply);
    });
  });
}

describe('the plain shell without a window', () => {
  it('says its address on one line, answers calls there and ends with 0 when told', async () => {
    const program = startProgram({ args: ['--no-window'] });
    const address = await program.ready();
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{32}$/);
    expect(await ask(address, 'settings.read')).toMatchObject({ ok: true });
    program.stop();
    expect(await program.exit).toBe(0);
    expect(program.stopped).toHaveBeenCalledOnce();
    await expect(fetch(address)).rejects.toThrow();
  });

  it('serves the page while the core still starts, and calls wait for it', async () => {
    let letStart: () => void = () => undefined;
    const startAfter = new Promise<void>((resolve) => (letStart = resolve));
    const program = startProgram({ args: ['--no-window'], startAfter });
    const address = await program.ready();
    expect((await fetch(address)).status).toBe(200);
    const answer = ask(address, 'settings.read');
    const early = await Promise.race([answer, new Promise((done) => setTimeout(() => done('waits'), 200))]);
    expect(early).toBe('waits');
    letStart();
    expect(await answer).toMatchObject({ ok: true });
  });

  it('says why the core could not start, and gives the window the code', async () => {
    const program = startProgram({ args: ['--no-window'], startFails: 'JOURNAL_LOCKED' });
    const address = await program.ready();
    expect(await ask(address, 'app.boot')).toMatchObject({ ok: false, error: { code: 'JOURNAL_LOCKED' } });
    await vi.waitUntil(() => program.said.some((line) => line.includes('本机日志正被另一个程序写入')));
  });

  it('without a display it says so and gives the address', async () => {
    const program = startProgram();
    await program.ready();
    expect(program.said[0]).toMatch(/没有图形界面.*no display/);
  });
});

describe('the plain shell started twice', () => {
  it('the second start opens nothing, shows the first and ends with 0', async () => {
    const first = startProgram({ args: ['--no-window'] });
    await first.ready();
    const second = startProgram({ args: ['--no-window'], profile: first.profile });
    expect(await second.exit).toBe(0);
    expect(second.said).toEqual([expect.stringMatching(/已在运行.*already running/)]);
    // The first had no window and no display to open one on: it offers a fresh address instead.
    await vi.waitUntil(() => first.said.filter((line) => line.includes(' ready: ')).length === 2);
  });

  it('only the first starts the server that belongs to the profile', async () => {
    const startServer = vi.fn(() => Promise.resolve({ server: 'http://127.0.0.1:9', code: 'AB12' }));
    const first = startProgram({ args: ['--no-window'], startServer });
    await vi.waitUntil(() => first.said.some((line) => line.includes('已在服务器 http://127.0.0.1:9 登记')));
    const again = vi.fn(() => Promise.resolve(null));
    const second = startProgram({ args: ['--no-window'], profile: first.profile, startServer: again });
    expect(await second.exit).toBe(0);
    expect(startServer).toHaveBeenCalledOnce();
    expect(again).not.toHaveBeenCalled();
  });

  it('after it has ended the profile is free', async () => {
    const first = startProgram({ args: ['--no-window'] });
    await first.ready();
    first.stop();
    await first.exit;
    const second = startProgram({ args: ['--no-window'], profile: first.profile });
    await second.ready();
  });
});

describe('what keeps the plain shell from starting', () => {
  it('a port that a foreign program has: one sentence, with the way on', async () => {
    const foreign = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void foreign.close());
    await vi.waitUntil(() => foreign.address());
    const { port } = foreign.address() as AddressInfo;
    const program = startProgram({ args: ['--no-window', `--port=${port}`] });
    expect(await program.exit).toBe(1);
    expect(program.said).toEqual([expect.stringMatching(new RegExp(`端口 ${port} .*--port.*rebuilt`))]);
    // The lock is free again: the person tries another port at once.
    const again = startProgram({ args: ['--no-window'], profile: program.profile });
    await again.ready();
  });

  it('wrong switches end it with 2', async () => {
    const program = startProgram({ args: ['--server', 'not-a-url'] });
    expect(await program.exit).toBe(2);
    expect(program.said).toHaveLength(1);
  });

  it('a profile that cannot be written', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const program = startProgram({ profile: file });
    expect(await program.exit).toBe(1);
    expect(program.said).toEqual([expect.stringContaining('数据目录不可写')]);
  });

  it('a profile whose keys only Electron can open is not begun anew', async () => {
    const first = startProgram({ args: ['--no-window'] });
    await first.ready();
    first.stop();
    await first.exit;
    writeFileSync(join(first.profile, 'secrets', 'seal-key.safe'), 'sealed');
    const second = startProgram({ profile: first.profile });
    expect(await second.exit).toBe(1);
    expect(second.said).toEqual([expect.stringContaining('Electron')]);
  });
});

describe('the plain shell and its browser', () => {
  it('opens the browser with a profile of its own and an address good for it alone', async () => {
    const program = startProgram({ browser: 'good' });
    await vi.waitUntil(() => program.browser().includes('session 204'), { timeout: 5_000 });
    const started = program.browser()[0]!;
    expect(started).toContain(`--user-data-dir=${join(program.profile, 'window', 'browser')}`);
    expect(started).toContain('--no-sandbox');
    expect(started).toMatch(/--disable-features=[^ ]*IdbSqliteBackingStore,IdbSqliteOnDiskRollout/);
    expect(program.said.join()).not.toContain('ready');
  });

  it('ends when the person closes the window', async () => {
    const program = startProgram({ browser: 'person-closes' });
    expect(await program.exit).toBe(0);
    expect(program.stopped).toHaveBeenCalledOnce();
  });

  it('told to end, it ends the browser in order first', async () => {
    const program = startProgram({ browser: 'good' });
    await vi.waitUntil(() => program.browser().includes('session 204'), { timeout: 5_000 });
    program.stop();
    expect(await program.exit).toBe(0);
    expect(program.browser()).toContain('closed in order');
    expectGone(program.browser());
  });

  it('a browser that will not end is killed, and all is over within 5 s', async () => {
    const program = startProgram({ browser: 'stubborn' });
    await vi.waitUntil(() => program.browser().includes('session 204'), { timeout: 5_000 });
    const began = Date.now();
    program.stop();
    await program.exit;
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(program.browser()).toContain('ignores SIGTERM');
    expectGone(program.browser());
  });

  it.each(['crash-once', 'page-crash'])(
    'opens it again after it crashed (%s), with a new secret',
    async (browser) => {
      const program = startProgram({ browser });
      await vi.waitUntil(() => program.browser().filter((line) => line.startsWith('started')).length === 2, {
        timeout: 5_000,
      });
      await vi.waitUntil(() => program.browser().at(-1) === 'session 204', { timeout: 5_000 });
      const secrets = program.browser().flatMap((line) => /#([\w-]+)/.exec(line)?.[1] ?? []);
      expect(new Set(secrets).size).toBe(2);
    },
  );

  it('gives up on a browser that crashes again at once, but goes on serving', async () => {
    const program = startProgram({ browser: 'crash-always' });
    const address = await program.ready();
    expect(program.said.some((line) => line.includes('浏览器连续异常退出'))).toBe(true);
    expect(program.browser().filter((line) => line.startsWith('started'))).toHaveLength(2);
    expect(await ask(address, 'settings.read')).toMatchObject({ ok: true });
  });

  it('a window taken over by another browser process is followed by its socket', async () => {
    const program = startProgram({ browser: 'delegate' });
    const started = await vi.waitUntil(() => program.browser()[0], { timeout: 5_000 });
    const address = /--app=(\S+)/.exec(started)![1]!;
    expect(await ask(address, 'settings.read')).toMatchObject({ ok: true });
    const early = await Promise.race([
      program.exit,
      new Promise((done) => setTimeout(() => done('runs'), 300)),
    ]);
    expect(early).toBe('runs');
  });

  it('a second start brings the window to the front', async () => {
    const first = startProgram({ browser: 'good' });
    await vi.waitUntil(() => first.browser().includes('session 204'), { timeout: 5_000 });
    const second = startProgram({ browser: 'good', profile: first.profile });
    expect(await second.exit).toBe(0);
    await vi.waitUntil(() => first.browser().includes('shown page-1'), { timeout: 5_000 });
    expect(second.browser()).toEqual([]);
  });

  it('the secret of the address never stands in the log', async () => {
    const program = startProgram({ browser: 'crash-always' });
    await program.ready();
    program.stop();
    await program.exit;
    const log = readFileSync(join(program.profile, 'logs', 'zongchuang.log'), 'utf8');
    expect(log).toContain('the browser ended unexpectedly');
    for (const line of program.browser()) {
      const secret = /#([\w-]+)/.exec(line)?.[1];
      if (secret) expect(log).not.toContain(secret);
    }
  });
});

function expectGone(browser: string[]): void {
  const pid = Number(/^started (\d+)/.exec(browser[0]!)![1]);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
}
