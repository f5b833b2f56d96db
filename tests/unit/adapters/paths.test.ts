import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepareFolders, profileFolder } from '../../../electron/adapters/node/paths.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const linux = { platform: 'linux' as const, home: '/home/wang' };

describe('where the profile is', () => {
  it('is what the person asked for, before the environment, before the system', () => {
    const env = { ZONGCHUANG_PROFILE: '/env', XDG_DATA_HOME: '/xdg' };
    expect(profileFolder({ ...linux, env, asked: 'asked' })).toBe(resolve('asked'));
    expect(profileFolder({ ...linux, env })).toBe(resolve('/env'));
    expect(profileFolder({ ...linux, env: { XDG_DATA_HOME: '/xdg' } })).toBe('/xdg/zongchuang');
  });

  it('ignores a relative XDG folder, as its specification demands', () => {
    expect(profileFolder({ ...linux, env: { XDG_DATA_HOME: 'data' } })).toBe(
      '/home/wang/.local/share/zongchuang',
    );
  });

  it('stays on the machine on Windows', () => {
    const env = { LOCALAPPDATA: 'C:\\L', APPDATA: 'C:\\Roaming' };
    expect(profileFolder({ platform: 'win32', home: 'C:\\H', env })).toContain('C:\\L');
  });
});

describe('making the folders', () => {
  it('makes all of them and leaves no probe behind', () => {
    const profile = join(temporaryFolder(), 'new', 'profile');
    const folders = prepareFolders(profile, '/resources');
    for (const folder of [folders.paths.papers, folders.secrets, folders.logs, folders.window]) {
      expect(existsSync(folder), folder).toBe(true);
    }
    expect(existsSync(join(profile, `.write-check-${process.pid}`))).toBe(false);
    expect(folders.paths.resources).toBe('/resources');
  });

  it('says PROFILE_NOT_WRITABLE with the folder and the reason when a file stands there', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(() => prepareFolders(file, '/r')).toThrow(
      expect.objectContaining({
        code: 'PROFILE_NOT_WRITABLE',
        message: expect.stringContaining(file) as string,
      }) as Error,
    );
  });
});
