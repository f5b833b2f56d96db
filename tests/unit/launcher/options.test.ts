import { describe, expect, it } from 'vitest';
import { checkout } from './checkout.ts';

type Read = { ok: true; options: Record<string, unknown> } | { ok: false; sentence: string };
const load = () =>
  checkout().load<{ readOptions: (args: string[], env: Record<string, string>) => Read; HELP: string }>(
    'options.mjs',
  );

describe('the switches of npm start', () => {
  it('have defaults, and the environment is asked for the shell', async () => {
    const { readOptions } = await load();
    expect(readOptions([], {})).toEqual({
      ok: true,
      options: {
        server: null,
        code: null,
        profile: null,
        port: 21860,
        serverPort: null,
        shell: 'auto',
        window: true,
        apt: true,
        help: false,
      },
    });
    expect(readOptions([], { ZONGCHUANG_SHELL: 'plain' })).toMatchObject({ options: { shell: 'plain' } });
    expect(readOptions(['--shell=electron'], { ZONGCHUANG_SHELL: 'plain' })).toMatchObject({
      options: { shell: 'electron' },
    });
  });

  it.each([
    ['--server', 'not-a-url'],
    ['--server', ''],
    ['--server', 'ftp://a'],
    ['--server', 'http://u:p@a'],
    ['--port', 'x'],
    ['--port', '99999'],
    ['--server-port', '-1'],
    ['--shell', 'chrome'],
    ['--servr', 'http://a'],
    ['stray', ''],
  ])('%s %j is refused in one sentence, Chinese first', async (name, value) => {
    const { readOptions } = await load();
    const read = readOptions([name.startsWith('--') ? `${name}=${value}` : name], {});
    expect(read.ok).toBe(false);
    if (!read.ok) expect(read.sentence).toMatch(/^[^\n]*[\u4e00-\u9fff][^\n]*[A-Za-z][^\n]*$/);
  });

  it('each stands in the help', async () => {
    const { HELP } = await load();
    const names = [
      'server',
      'code',
      'profile',
      'port',
      'server-port',
      'shell',
      'no-window',
      'no-apt',
      'help',
    ];
    for (const name of names) expect(HELP).toContain(`--${name}`);
  });
});

describe('npm start in a checkout where nothing is installed', () => {
  it('--help and a wrong address are answered at once', async () => {
    const { start } = checkout();
    const help = start(['--help']);
    expect(await help.exit).toBe(0);
    expect(help.words()).toContain('--server URL');
    const wrong = start(['--server', 'not-a-url']);
    expect(await wrong.exit).toBe(2);
    expect(wrong.words().trim().split('\n')).toHaveLength(1);
  });

  it('says one sentence when the packages cannot be installed', async () => {
    const { start, write, folder } = checkout();
    write('npm/npm-cli.js', 'process.exit(1);');
    const run = start([], { npm_execpath: `${folder}/npm/npm-cli.js` });
    expect(await run.exit).toBe(1);
    expect(run.words()).toMatch(/依赖包安装失败.*Installing packages failed/);
    expect(run.words()).not.toMatch(/at .*\.mjs/);
  });
});
