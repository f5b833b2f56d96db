import { execFileSync, fork, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PNG } from 'pngjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../../electron/adapters/node/clock.ts';
import { makePhotoFolder } from '../../../../electron/adapters/node/photo-folder.ts';
import { createPhotoDecoder } from '../../../../electron/adapters/node/photo-decoder.ts';
import { forkPhotoHost, utilityPhotoHost } from '../../../../electron/adapters/photo-host/host-processes.ts';
import type { PhotoHostProcess } from '../../../../electron/adapters/photo-host/messages.ts';
import type { PhotoDecoderPort } from '../../../../electron/core/ports/photo-decoder.ts';
import type { PhotoReason } from '../../../../shared/contract/card.ts';
import { settingsSchema, type Settings } from '../../../../shared/contract/settings.ts';
import { cannotCompile, compileLibrary } from '../../../fixtures/native/compile.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { buildPhotoHost, wltOf } from './photo-host.ts';

let entryFile = '';
beforeAll(async () => {
  entryFile = await buildPhotoHost('host');
});

const lines: { text: string; data: unknown }[] = [];
const processes: PhotoHostProcess[] = [];
const folders: string[] = [];
const open: PhotoDecoderPort[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((decoder) => decoder.close()));
  lines.length = processes.length = folders.length = 0;
});

function decoderWith(settings: Partial<Settings['photo']>): PhotoDecoderPort {
  const spawn = forkPhotoHost(entryFile);
  const decoder = createPhotoDecoder({
    clock: createSystemClock(),
    log: { write: (_level, _area, text, data) => void lines.push({ text, data }) },
    settings: { ...settingsSchema.parse({}).photo, ...settings },
    spawn(folder) {
      const host = spawn(folder);
      folders.push(folder);
      processes.push(host);
      return host;
    },
  });
  open.push(decoder);
  return decoder;
}

const compiled = (source: string): string => compileLibrary(`${source}.c`, source) ?? expect.unreachable();

const pixel = (png: Uint8Array, x: number, y: number): number[] => {
  const picture = PNG.sync.read(Buffer.from(png));
  expect([picture.width, picture.height]).toEqual([102, 126]);
  return [...picture.data.subarray((y * 102 + x) * 4, (y * 102 + x) * 4 + 3)];
};
/** What wlt-good.c puts in channel `c` of a stored pixel. */
const drawn = (row: number, x: number, c: number, shade: number): number =>
  (row * 2 + x * (c + 1) + shade + c * 80) & 255;

describe.skipIf(cannotCompile !== null)('a decoder in the photo host', () => {
  it('gives the portrait, one process for many photos', async () => {
    const decoder = decoderWith({ library: compiled('wlt-good') });
    for (const shade of [9, 200]) {
      const photo = await decoder.decode(wltOf(shade));
      if (photo.outcome !== 'decoded') return expect.unreachable(JSON.stringify(photo));
      for (const [x, y] of [
        [0, 0],
        [101, 0],
        [3, 125],
        [50, 60],
      ] as const) {
        // Stored bottom-up and blue first, as set.
        const row = 125 - y;
        expect(pixel(photo.png, x, y)).toEqual([2, 1, 0].map((c) => drawn(row, x, c, shade)));
      }
    }
    expect(processes).toHaveLength(1);
  });

  it('is laid as the settings say', async () => {
    const decoder = decoderWith({
      library: compiled('wlt-good'),
      rows: 'top-down',
      mirrored: true,
      channels: 'rgb',
    });
    const photo = await decoder.decode(wltOf(1));
    if (photo.outcome !== 'decoded') return expect.unreachable(JSON.stringify(photo));
    expect(pixel(photo.png, 10, 20)).toEqual([0, 1, 2].map((c) => drawn(20, 101 - 10, c, 1)));
  });

  it('that writes a whole BMP is understood', async () => {
    const photo = await decoderWith({ library: compiled('wlt-whole-bmp') }).decode(wltOf(77));
    if (photo.outcome !== 'decoded') return expect.unreachable(JSON.stringify(photo));
    expect(pixel(photo.png, 30, 40)).toEqual([80, 30, 77]);
  });

  it('that refuses is a failure with its own number', async () => {
    const decoder = decoderWith({ library: compiled('wlt-unlicensed') });
    expect(await decoder.decode(wltOf(1))).toEqual({
      outcome: 'failed',
      reason: 'refused',
      detail: 'returned -5',
    });
    expect(processes).toHaveLength(1);
  });

  it('that hangs is ended after 3 s, and the next photo gets a new process', async () => {
    const decoder = decoderWith({ library: compiled('wlt-hangs') });
    const from = performance.now();
    expect(await decoder.decode(wltOf(1))).toMatchObject({ outcome: 'timeout', reason: 'timeout' });
    expect(performance.now() - from).toBeGreaterThan(2900);
    expect(performance.now() - from).toBeLessThan(3500);
    await expect.poll(() => existsSync(folders[0]!)).toBe(false);
    expect(await decoder.check()).toEqual({ library: 'usable' });
    expect(processes).toHaveLength(2);
  });

  it('that crashes takes its process with it and nothing else; after three it rests', async () => {
    const decoder = decoderWith({ library: compiled('wlt-crashes') });
    for (let n = 0; n < 3; n++) {
      expect(await decoder.decode(wltOf(1))).toEqual({
        outcome: 'failed',
        reason: 'crashed',
        detail: 'exit SIGSEGV',
      });
    }
    expect(await decoder.decode(wltOf(1))).toMatchObject({ outcome: 'failed', reason: 'resting' });
    expect(processes).toHaveLength(3);
  });

  it('that ends the process instead of returning is a crash', async () => {
    const decoder = decoderWith({ library: compiled('wlt-early-exit') });
    expect(await decoder.decode(wltOf(1))).toMatchObject({ reason: 'crashed', detail: 'exit 3' });
  });

  it('that leaves portraits on the disk has them taken away', async () => {
    const library = join(temporaryFolder(), 'libwlt.so');
    await copyFile(compiled('wlt-writes-bmp'), library);
    const decoder = decoderWith({ library });
    expect((await decoder.decode(wltOf(1))).outcome).toBe('decoded');
    // It could write: otherwise it would have returned -3. Nothing is there now, nor anywhere near.
    expect(readdirSync(folders[0]!)).toEqual([]);
    expect(readdirSync(dirname(library))).toEqual(['libwlt.so']);
    await decoder.close();
    expect(existsSync(folders[0]!)).toBe(false);
  });

  it('that writes next to itself, too; an old file of the maker stays', async () => {
    const folder = temporaryFolder();
    const library = join(folder, 'libwlt.so');
    await copyFile(compiled('wlt-good'), library);
    const decoder = decoderWith({ library });
    expect(await decoder.check()).toEqual({ library: 'usable' });
    writeFileSync(join(folder, 'zp.bmp'), 'the portrait just decoded');
    writeFileSync(join(folder, 'readme.bmp'), 'of the maker');
    expect((await decoder.decode(wltOf(1))).outcome).toBe('decoded');
    expect(readdirSync(folder).sort()).toEqual(['libwlt.so', 'readme.bmp']);
  });

  it('whose function has another name is said to lack it; with its name it works', async () => {
    const library = compiled('wlt-good');
    expect(await decoderWith({ library, entry: 'GetBmp' }).check()).toMatchObject({
      library: 'unusable',
      reason: 'entry-missing',
    });
    expect(await decoderWith({ library, entry: 'unpack' }).check()).toEqual({ library: 'usable' });
  });

  it('that is put in place later is found without a restart', async () => {
    const library = join(temporaryFolder(), 'libwlt.so');
    const decoder = decoderWith({ library });
    expect(await decoder.decode(wltOf(1))).toEqual({
      outcome: 'failed',
      reason: 'library-missing',
      detail: 'ENOENT',
    });
    await copyFile(compiled('wlt-good'), library);
    expect((await decoder.decode(wltOf(1))).outcome).toBe('decoded');
    expect(processes).toHaveLength(1);
  });
});

describe('a library that cannot be loaded', () => {
  const pipe = (): string => {
    const path = join(temporaryFolder(), 'pipe.so');
    execFileSync('mkfifo', [path]);
    return path;
  };
  /** The head of an ELF file: class, then type 3 (shared object) and machine. */
  const elf = (bits: 32 | 64, machine: number): Uint8Array => {
    const head = new Uint8Array(64);
    head.set([0x7f, 0x45, 0x4c, 0x46, bits === 32 ? 1 : 2, 1, 1]);
    head.set([3, 0, machine & 255, machine >> 8], 16);
    return head;
  };
  const written = (bytes: Uint8Array | string): string => {
    const path = join(temporaryFolder(), 'libwlt.so');
    writeFileSync(path, bytes);
    return path;
  };

  it.skipIf(process.platform !== 'linux').each([
    ['made for 32 bits', () => written(elf(32, 3)), 'library-32bit'],
    ['made for another processor', () => written(elf(64, 21)), 'library-foreign'],
    ['a Windows DLL', () => written(windowsDll()), 'library-foreign'],
    ['a text', () => written('not a library at all'), 'library-foreign'],
    ['empty', () => written(''), 'library-foreign'],
    [
      'cut off behind its head',
      () => written(elf(64, process.arch === 'arm64' ? 183 : 62)),
      'library-faulty',
    ],
    ['a folder', () => tmpdir(), 'library-missing'],
    ['a device', () => '/dev/zero', 'library-missing'],
    ['a pipe that nobody writes to', () => pipe(), 'library-missing'],
    ['not there', () => '/nowhere/libwlt.so', 'library-missing'],
    ['named without its folder', () => 'libc.so.6', 'library-missing'],
    ['on another computer', () => '//server/share/libwlt.so', 'library-remote'],
  ] satisfies [string, () => string, PhotoReason][])('%s', async (_what, path, reason) => {
    const decoder = decoderWith({ library: path() });
    expect(await decoder.check()).toMatchObject({ library: 'unusable', reason });
    expect(await decoder.decode(wltOf(1))).toMatchObject({ outcome: 'failed', reason });
    // None of them costs a process.
    expect(processes).toHaveLength(1);
  });

  it('none set: no process is started', async () => {
    const decoder = decoderWith({});
    expect(await decoder.decode(wltOf(1))).toEqual({ outcome: 'no-decoder' });
    expect(await decoder.check()).toEqual({ library: 'none' });
    expect(processes).toEqual([]);
  });

  it('nothing of the photo reaches the log', async () => {
    const decoder = decoderWith({ library: written('nothing') });
    const wlt = wltOf(0xab).fill(0xab, 20, 900);
    await decoder.decode(wlt);
    expect(JSON.stringify(lines)).not.toMatch(/abab|171,171|q6ur/i);
  });
});

describe('the working folder of the photo host', () => {
  it('goes when the program was killed and could not remove it', async () => {
    const folder = makePhotoFolder(temporaryFolder());
    writeFileSync(join(folder, 'zp.bmp'), 'half a portrait');
    const host = fork(entryFile, [], { cwd: folder, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    host.send({ id: 1, op: 'check', library: { path: '/nowhere', entry: 'unpack' } });
    await new Promise((resolve) => host.once('message', resolve));
    host.disconnect();
    await expect.poll(() => existsSync(folder)).toBe(false);
  });

  it('of a program that is gone with its host is taken away by the next one; others stay', () => {
    const parent = temporaryFolder();
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    const stale = join(parent, `zongchuang-photo-${String(gone)}-abc`);
    const alive = makePhotoFolder(parent);
    const other = join(parent, 'zongchuang-papers');
    for (const folder of [stale, other]) mkdirSync(folder);
    writeFileSync(join(stale, 'zp.bmp'), 'a portrait');
    const mine = makePhotoFolder(parent);
    expect(
      readdirSync(parent)
        .map((name) => join(parent, name))
        .sort(),
    ).toEqual([alive, mine, other].sort());
    // Of this user alone.
    if (process.platform !== 'win32') expect(statSync(mine).mode & 0o777).toBe(0o700);
  });
});

describe('a utility process of Electron', () => {
  it('is spoken to in the same words', () => {
    const sent: unknown[] = [];
    const listeners = new Map<string, (value: never) => void>();
    const host = utilityPhotoHost({
      postMessage: (message) => void sent.push(message),
      on: (event, listener) => listeners.set(event, listener),
      once: (event, listener) => listeners.set(event, listener),
      pid: undefined,
      kill: () => sent.push('kill') > 0,
    });
    const heard: unknown[] = [];
    host.onMessage((message) => void heard.push(message));
    host.onExit((reason) => void heard.push(reason));
    const request = { id: 1, op: 'check', library: { path: '/a', entry: 'unpack' } } as const;
    host.send(request);
    listeners.get('message')!({ id: 1, kind: 'usable' } as never);
    listeners.get('exit')!(139 as never);
    host.kill();
    expect(sent).toEqual([request, 'kill']);
    expect(heard).toEqual([{ id: 1, kind: 'usable' }, 'exit 139']);
  });

  it.skipIf(process.platform === 'win32')('that is deaf to polite words is killed all the same', async () => {
    const child = spawn(process.execPath, [
      '-e',
      "process.on('SIGTERM', () => {}); console.log(); for (;;);",
    ]);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const host = utilityPhotoHost({
      postMessage: () => undefined,
      on: () => undefined,
      once: () => undefined,
      pid: child.pid,
      kill: () => child.kill(),
    });
    const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
    host.kill();
    expect(await ended).toBe('SIGKILL');
    // Once more does no harm.
    host.kill();
  });
});

function windowsDll(): Uint8Array {
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x5a4d, true);
  view.setUint32(0x3c, 0x80, true);
  view.setUint32(0x80, 0x4550, true);
  view.setUint16(0x84, 0x8664, true);
  view.setUint16(0x96, 0x2000, true);
  return bytes;
}
