import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkout, isRunning, runNode } from './checkout.ts';

/** A server that says what it is told to by the environment, and ends with its parent as the real one does. */
const SERVER = `
  import { appendFileSync, existsSync } from 'node:fs';
  const data = process.argv[process.argv.indexOf('--data') + 1];
  const port = process.argv[process.argv.indexOf('--port') + 1];
  const starts = process.env.FAKE_SERVER_LOG;
  const first = !existsSync(starts);
  appendFileSync(starts, process.pid + '\\n');
  console.log('its own words');
  process.once('disconnect', () => process.exit(0));
  const mode = process.env.FAKE_SERVER;
  if (mode === 'dies-once' && first) {
    process.send({ type: 'failed', sentence: '端口被占用。 Port taken.' });
    setTimeout(() => process.exit(1), 20);
  } else if (mode === 'dies-later' && first) {
    process.send({ type: 'ready', url: 'http://127.0.0.1:' + port, code: 'AB12' });
    setTimeout(() => process.exit(1), 50);
  } else process.send({ type: 'ready', url: 'http://127.0.0.1:' + port, code: 'AB12' });
  setInterval(() => {}, 1000);
`;
interface Module {
  embeddedPort: (
    options: { server: string | null; serverPort: number | null; port: number },
    profile: string,
  ) => number | null;
  startEmbeddedServer: (options: { profile: string; port: number; say: (line: string) => void }) => {
    offer: Promise<{ server: string; code: string } | null>;
    stop: () => Promise<void>;
  };
}

const setUp = async (mode = '') => {
  const project = checkout({ 'out/server/index.js': SERVER });
  const log = join(project.folder, 'starts');
  vi.stubEnv('FAKE_SERVER', mode);
  vi.stubEnv('FAKE_SERVER_LOG', log);
  return {
    ...project,
    ...(await project.load<Module>('embedded-server.mjs')),
    profile: join(project.folder, 'profile'),
    pids: () => (existsSync(log) ? readFileSync(log, 'utf8') : '').split('\n').filter(Boolean).map(Number),
  };
};

afterEach(() => void vi.unstubAllEnvs());

describe('which server a start needs', () => {
  const options = { server: null, serverPort: null, port: 21860 };
  it('its own, beside the window, on the next port', async () => {
    const { embeddedPort, profile } = await setUp();
    expect(embeddedPort(options, profile)).toBe(21861);
    expect(embeddedPort({ ...options, port: 0 }, profile)).toBe(0);
    expect(embeddedPort({ ...options, serverPort: 9000 }, profile)).toBe(9000);
  });

  it('none, when one is named', async () => {
    const { embeddedPort, profile } = await setUp();
    expect(embeddedPort({ ...options, server: 'http://10.0.0.8' }, profile)).toBeNull();
  });

  it('its own again where the device knows it, even if the window’s port has changed', async () => {
    const { embeddedPort, profile, write } = await setUp();
    write('profile/device.json', '{"server":"http://127.0.0.1:40123"}');
    write('profile/server/PG_VERSION', '18');
    expect(embeddedPort({ ...options, port: 5 }, profile)).toBe(40123);
  });

  it('none, when the device is enrolled elsewhere, also elsewhere on this machine', async () => {
    const { embeddedPort, profile, write } = await setUp();
    write('profile/device.json', '{"server":"http://10.0.0.8:21861"}');
    expect(embeddedPort(options, profile)).toBeNull();
    write('profile/device.json', '{"server":"http://127.0.0.1:21861"}');
    expect(embeddedPort(options, profile)).toBeNull();
  });
});

describe('the server beside the window', () => {
  it('offers its address and code, keeps its words in a file, and ends when told', async () => {
    const { startEmbeddedServer, profile, pids, read } = await setUp();
    const server = startEmbeddedServer({ profile, port: 41000, say: () => undefined });
    expect(await server.offer).toEqual({ server: 'http://127.0.0.1:41000', code: 'AB12' });
    await server.stop();
    expect(isRunning(pids()[0]!)).toBe(false);
    expect(read('profile/logs/server.log')).toContain('its own words');
  });

  it('is started again when its port was not free yet, without a word', { timeout: 15_000 }, async () => {
    const { startEmbeddedServer, profile, pids } = await setUp('dies-once');
    const said: string[] = [];
    const server = startEmbeddedServer({ profile, port: 41000, say: (line) => said.push(line) });
    expect(await server.offer).toMatchObject({ code: 'AB12' });
    expect(pids()).toHaveLength(2);
    expect(said).toEqual([]);
    await server.stop();
  });

  it('is started again when it dies later', { timeout: 15_000 }, async () => {
    const { startEmbeddedServer, profile, pids } = await setUp('dies-later');
    const server = startEmbeddedServer({ profile, port: 41000, say: () => undefined });
    await vi.waitUntil(() => pids().length === 2, { timeout: 10_000 });
    await server.stop();
    expect(pids().some(isRunning)).toBe(false);
  });

  it('told to end before it was up, it makes no offer and leaves nothing', async () => {
    const { startEmbeddedServer, profile, pids } = await setUp();
    const server = startEmbeddedServer({ profile, port: 41000, say: () => undefined });
    const stopped = server.stop();
    expect(await server.offer).toBeNull();
    await stopped;
    await vi.waitUntil(() => !pids().some(isRunning));
  });

  it('does not outlive a launcher that was killed', async () => {
    const { folder, profile, pids } = await setUp();
    const module = pathToFileURL(join(folder, 'electron/launcher/embedded-server.mjs')).href;
    const launcher = runNode(
      [
        '--input-type=module',
        '-e',
        `const { startEmbeddedServer } = await import(${JSON.stringify(module)});
         await startEmbeddedServer({ profile: ${JSON.stringify(profile)}, port: 41000, say() {} }).offer;
         console.log('up');`,
      ],
      { FAKE_SERVER_LOG: join(folder, 'starts') },
    );
    await vi.waitUntil(() => launcher.words().includes('up'), { timeout: 5_000 });
    launcher.child.kill('SIGKILL');
    await vi.waitUntil(() => !isRunning(pids()[0]!), { timeout: 3_000 });
  });
});
