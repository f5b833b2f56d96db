import { describe, expect, it } from 'vitest';
import { parseStartOptions, serverAddress } from '../../../electron/adapters/node/start-options.ts';

describe('the switches of a shell', () => {
  it('has a default for each', () => {
    expect(parseStartOptions([], true)).toEqual({
      ok: true,
      options: { server: null, code: null, profile: null, port: 21860, window: true },
    });
  });

  it('reads all of them, in both spellings', () => {
    const args = [
      '--server=http://10.0.0.8:21861/',
      '--code',
      'AB12',
      '--profile=/p',
      '--port',
      '8080',
      '--no-window',
    ];
    expect(parseStartOptions(args, true)).toEqual({
      ok: true,
      options: { server: 'http://10.0.0.8:21861', code: 'AB12', profile: '/p', port: 8080, window: false },
    });
  });

  it.each([
    'not-a-url',
    'ftp://a',
    'http://user:pw@a',
    'javascript:1',
    '10.0.0.8:80',
    'http://a?x=1',
    'http://',
  ])('says in one sentence that %s is no server address', (server) => {
    const parsed = parseStartOptions(['--server', server], true);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.sentence).toMatch(/服务器地址.*The server address/);
  });

  it.each(['x', '-1', '70000', '1.5'])('says that %s is no port', (port) => {
    const parsed = parseStartOptions([`--port=${port}`], true);
    expect(parsed.ok ? '' : parsed.sentence).toMatch(/端口.*port/i);
  });

  it('refuses unknown switches, except in Electron, whose command line is also Chromium’s', () => {
    expect(parseStartOptions(['--sever', 'http://a'], true).ok).toBe(false);
    const parsed = parseStartOptions(['--no-sandbox', '--inspect=0', '.', '--code', 'AB12'], false);
    expect(parsed.ok && parsed.options.code).toBe('AB12');
  });

  it('keeps a path of a server behind a gateway', () => {
    expect(serverAddress('https://Hall.example/central//')).toBe('https://hall.example/central');
  });
});
