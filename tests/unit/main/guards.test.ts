import type { App } from 'electron';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { pinFeatures } from '../../../electron/main/chromium-features.ts';
import { guardNavigation, mayNavigate } from '../../../electron/main/navigation.ts';
import { guardPermissions, mayHave } from '../../../electron/main/permissions.ts';
import { isWindowAddress } from '../../../electron/main/window-address.ts';
import { DISABLED_FEATURES } from '../../../electron/standalone/browser-flags.ts';
import { electron, FakeWindow, resetWorld, world } from '../../fixtures/fake-electron.ts';

vi.mock('electron', async () => (await import('../../fixtures/fake-electron.ts')).electron);

const FOREIGN = [
  'https://evil.example/',
  'app://counter.evil/',
  'app://evil/app://counter/',
  'app://counter@evil/',
  'app://user:pw@counter/',
  'app://counter:80/',
  'APP2://counter/',
  'http://counter/',
  'file:///C:/Windows/win.ini',
  'javascript:alert(1)',
  'data:text/html,<p>x',
  'about:blank',
  'blob:app://counter/1',
  'app:counter',
  '//counter/',
  '',
];

beforeEach(resetWorld);

describe('our own address', () => {
  it('is our scheme and our host, whatever the path', () => {
    for (const address of [
      'app://counter/',
      'app://counter',
      'app://counter/index.html?x=1#/guide',
      'APP://counter/',
    ]) {
      expect(isWindowAddress(address), address).toBe(true);
    }
  });
  it.each(FOREIGN)('is not %s', (address) => {
    expect(isWindowAddress(address)).toBe(false);
  });
});

describe('navigation', () => {
  it('goes nowhere but to the window itself, and only in the main frame', () => {
    expect(mayNavigate('app://counter/', true)).toBe(true);
    expect(mayNavigate('app://counter/', false)).toBe(false);
    for (const address of FOREIGN) expect(mayNavigate(address, true), address).toBe(false);
  });

  it('is guarded on every page, at each of the ways out', () => {
    guardNavigation(electron.app as unknown as App, { write: () => undefined });
    const { webContents } = new FakeWindow({});
    for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate']) {
      const prevented = vi.fn();
      webContents.emit(event, { url: 'https://evil.example/', isMainFrame: true, preventDefault: prevented });
      expect(prevented, event).toHaveBeenCalledOnce();
      const allowed = vi.fn();
      webContents.emit(event, { url: 'app://counter/', isMainFrame: true, preventDefault: allowed });
      expect(allowed, event).not.toHaveBeenCalled();
    }
    const webview = vi.fn();
    webContents.emit('will-attach-webview', { preventDefault: webview });
    expect(webview).toHaveBeenCalledOnce();
    expect(webContents.openHandler?.({ url: 'app://counter/' })).toEqual({ action: 'deny' });
    expect(webContents.openHandler?.({ url: 'https://evil.example/' })).toEqual({ action: 'deny' });
  });

  it('puts no foreign address into the log', () => {
    const write = vi.fn();
    guardNavigation(electron.app as unknown as App, { write });
    const { webContents } = new FakeWindow({});
    webContents.emit('will-navigate', {
      url: 'https://evil.example/?id=110101190001017777',
      isMainFrame: true,
      preventDefault: () => undefined,
    });
    expect(JSON.stringify(write.mock.calls)).not.toContain('evil');
  });
});

describe('permissions', () => {
  const page = 'app://counter/';
  it('three for our own page', () => {
    for (const permission of ['persistent-storage', 'clipboard-sanitized-write', 'fullscreen']) {
      expect(mayHave(permission, page)).toBe(true);
      expect(mayHave(permission, 'https://evil.example/')).toBe(false);
    }
  });

  it.each([
    ...[
      'hid',
      'serial',
      'usb',
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'midi',
      'openExternal',
    ],
    ...['local-network', 'local-network-access', 'loopback-network', 'window-management', 'display-capture'],
    ...['fileSystem', 'idle-detection', 'unknown', 'constructor', 'something-new'],
  ])('never %s', (permission) => {
    expect(mayHave(permission, page)).toBe(false);
  });

  it('the camera for our own page, and never a microphone', () => {
    const doors = {
      setPermissionRequestHandler: vi.fn(),
      setPermissionCheckHandler: vi.fn(),
      setDevicePermissionHandler: vi.fn(),
    };
    guardPermissions(doors);
    const request = doors.setPermissionRequestHandler.mock.calls[0]![0] as (...args: unknown[]) => void;
    const asked = (mediaTypes: string[] | undefined, requestingUrl = page): unknown => {
      const answer = vi.fn();
      request({}, 'media', answer, { requestingUrl, ...(mediaTypes ? { mediaTypes } : {}) });
      return answer.mock.calls[0]?.[0];
    };
    expect(asked(['video'])).toBe(true);
    for (const refused of [['audio'], ['video', 'audio'], [], undefined]) expect(asked(refused)).toBe(false);
    expect(asked(['video'], 'https://evil.example/')).toBe(false);
    const check = doors.setPermissionCheckHandler.mock.calls[0]![0] as (...args: unknown[]) => boolean;
    expect(check(null, 'media', 'app://counter', { mediaType: 'video' })).toBe(true);
    expect(check(null, 'media', 'app://counter', { mediaType: 'audio' })).toBe(false);
    expect(check(null, 'media', 'app://counter', { mediaType: 'unknown' })).toBe(false);
    expect(check(null, 'media', 'https://evil.example', { mediaType: 'video' })).toBe(false);
  });

  it('are judged at all three doors', () => {
    const doors = {
      setPermissionRequestHandler: vi.fn(),
      setPermissionCheckHandler: vi.fn(),
      setDevicePermissionHandler: vi.fn(),
    };
    guardPermissions(doors);
    const request = doors.setPermissionRequestHandler.mock.calls[0]![0] as (...args: unknown[]) => void;
    const answer = vi.fn();
    request({}, 'fullscreen', answer, { requestingUrl: page });
    request({}, 'hid', answer, { requestingUrl: page });
    request({}, 'fullscreen', answer, { requestingUrl: 'https://evil.example/' });
    expect(answer.mock.calls).toEqual([[true], [false], [false]]);
    const check = doors.setPermissionCheckHandler.mock.calls[0]![0] as (...args: unknown[]) => boolean;
    expect(check(null, 'persistent-storage', 'app://counter', {})).toBe(true);
    expect(check(null, 'persistent-storage', 'null', {})).toBe(false);
    const device = doors.setDevicePermissionHandler.mock.calls[0]![0] as (details: unknown) => boolean;
    expect(device({ deviceType: 'hid', origin: 'app://counter' })).toBe(false);
  });
});

describe('the back end of the window’s store', () => {
  it('is pinned in both shells, and what the command line says is kept', () => {
    world.switches.set('disable-features', 'Vulkan');
    pinFeatures(electron.app.commandLine);
    expect(world.switches.get('disable-features')).toBe(
      'Vulkan,IdbSqliteBackingStore,IdbSqliteOnDiskRollout',
    );
    expect(DISABLED_FEATURES).toEqual(
      expect.arrayContaining(['IdbSqliteBackingStore', 'IdbSqliteOnDiskRollout']),
    );
  });
});
