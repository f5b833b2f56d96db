import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  contentSecurityPolicy,
  readWindowFile,
  windowFile,
} from '../../../electron/adapters/node/window-files.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const root = join('/srv', 'window');

describe('which files the window may load', () => {
  it('serves the page, its assets and names in Chinese', () => {
    expect(windowFile(root, '/')).toBe(join(root, 'index.html'));
    expect(windowFile(root, '/assets/index-4f.js')).toBe(join(root, 'assets/index-4f.js'));
    expect(windowFile(root, '/%E5%9B%BE.svg')).toBe(join(root, '图.svg'));
  });

  it.each([
    '/../secret.html',
    '/..%2fsecret.html',
    '/%2e%2e/secret.html',
    '/%2e%2e%2fsecret.html',
    '/%252e%252e/secret.html',
    '/assets/..%5c..%5csecret.html',
    '/assets\\..\\..\\secret.html',
    '/..;/secret.html',
    '/assets/../../secret.html',
    '//etc/passwd.html',
    '/C:/windows/win.html',
    '/index.html::$DATA.html',
    '/index.html%00.png',
    '/.git/config.json',
    '/assets/.hidden.js',
    '/%ff.html',
    '/%',
    'index.html',
  ])('refuses %s', (path) => {
    expect(windowFile(root, path)).toBeNull();
  });

  it('refuses what a window has no use for', () => {
    for (const path of ['/assets/index.js.map', '/data.sqlite', '/index', '/assets']) {
      expect(windowFile(root, path), path).toBeNull();
    }
  });
});

describe('reading a file of the window', () => {
  it('lets hashed assets be kept for ever and asks again for the page; the tag changes with the file', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<p>综窗');
    writeFileSync(join(folder, 'assets/a.js'), '1');
    const page = await readWindowFile(folder, '/');
    expect(page?.headers).toMatchObject({
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-cache',
    });
    expect((await readWindowFile(folder, '/assets/a.js'))?.headers['Cache-Control']).toContain('immutable');
    utimesSync(join(folder, 'index.html'), 1, 1);
    expect((await readWindowFile(folder, '/'))?.headers['ETag']).not.toBe(page?.headers['ETag']);
  });

  it('is null for what is not there and for a folder that looks like a file', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'odd.js'));
    expect(await readWindowFile(folder, '/none.js')).toBeNull();
    expect(await readWindowFile(folder, '/odd.js')).toBeNull();
    expect(await readWindowFile(folder, '/odd.js/x.js')).toBeNull();
  });
});

describe('the content security policy', () => {
  it('allows nothing but its own origin, and no script from a string', () => {
    const policy = contentSecurityPolicy();
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
    // Reading text off pictures is compiled WebAssembly; scripts from strings or from the page stay forbidden.
    expect(policy).not.toMatch(/script-src[^;]*'unsafe/);
    expect(policy).not.toContain('worker-src');
    expect(policy).not.toContain('*');
  });
});
