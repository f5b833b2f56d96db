import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  HEADER_BYTES,
  mismatchOf,
  readLibraryHeader,
} from '../../../../electron/adapters/device-host/native-library.ts';

/** DOS header with the offset of the PE header at 0x3c, then `PE\0\0`, machine and characteristics. */
function pe(machine: number, characteristics = 0x2022, at = 0x80): Uint8Array {
  const bytes = new Uint8Array(at + 0x100);
  const view = new DataView(bytes.buffer);
  bytes.set([0x4d, 0x5a]);
  view.setUint32(0x3c, at, true);
  bytes.set([0x50, 0x45, 0, 0], at);
  view.setUint16(at + 4, machine, true);
  view.setUint16(at + 22, characteristics, true);
  return bytes;
}

function elf(bits: 32 | 64, machine: number, type = 3, little = true): Uint8Array {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, bits / 32, little ? 1 : 2, 1]);
  view.setUint16(16, type, little);
  view.setUint16(18, machine, little);
  return bytes;
}

const WINDOWS = { platform: 'win32', arch: 'x64' };
const LINUX = { platform: 'linux', arch: 'x64' };

describe('headers of native libraries', () => {
  it('names what a library was made for', () => {
    expect(readLibraryHeader(pe(0x8664))).toEqual({ format: 'pe', arch: 'x64', bits: 64, isLibrary: true });
    expect(readLibraryHeader(pe(0x14c, 0x2102))).toMatchObject({ arch: 'ia32', bits: 32, isLibrary: true });
    expect(readLibraryHeader(pe(0xaa64, 0x22, 0x200))).toMatchObject({ arch: 'arm64', isLibrary: false });
    expect(readLibraryHeader(pe(0x1f0))).toMatchObject({ arch: 'machine 1f0' });
    expect(readLibraryHeader(elf(64, 62))).toEqual({ format: 'elf', arch: 'x64', bits: 64, isLibrary: true });
    expect(readLibraryHeader(elf(32, 3))).toMatchObject({ arch: 'ia32', bits: 32 });
    expect(readLibraryHeader(elf(64, 258))).toMatchObject({ arch: 'loong64', bits: 64 });
    expect(readLibraryHeader(elf(64, 8, 3, false))).toMatchObject({ arch: 'mips big-endian' });
    expect(readLibraryHeader(new TextEncoder().encode('#!/bin/sh\n'.repeat(20)))).toBeNull();
  });

  it('tells this very program from a library', () => {
    const own = readLibraryHeader(readFileSync(process.execPath).subarray(0, HEADER_BYTES));
    expect(own).toMatchObject({ format: process.platform === 'win32' ? 'pe' : 'elf', arch: process.arch });
  });

  it('never throws, wherever the bytes are cut and whatever they are', () => {
    for (const whole of [pe(0x8664), elf(64, 62)])
      for (let length = 0; length < whole.length; length++)
        expect(() => readLibraryHeader(whole.subarray(0, length))).not.toThrow();
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom([0x4d, 0x5a], [0x7f, 0x45, 0x4c, 0x46]),
        (tail, head) => {
          readLibraryHeader(Uint8Array.of(...head, ...tail));
        },
      ),
    );
  });
});

describe('whether this program can load a library', () => {
  const tell = (bytes: Uint8Array, here: { platform: string; arch: string }) =>
    mismatchOf(readLibraryHeader(bytes), here);

  it('can when system and processor are the same', () => {
    expect(tell(pe(0x8664), WINDOWS)).toBeNull();
    expect(tell(elf(64, 62), LINUX)).toBeNull();
    expect(tell(elf(64, 183), { platform: 'linux', arch: 'arm64' })).toBeNull();
    expect(tell(pe(0x14c), { platform: 'win32', arch: 'ia32' })).toBeNull();
  });

  it('a 32-bit library is called that', () => {
    expect(tell(pe(0x14c), WINDOWS)).toEqual({
      kind: '32-bit',
      reason: 'it is a 32-bit library (ia32), and this program is a 64-bit one (x64)',
    });
    expect(tell(elf(32, 3), LINUX)?.kind).toBe('32-bit');
    expect(tell(elf(32, 40), { platform: 'linux', arch: 'arm64' })?.kind).toBe('32-bit');
  });

  it('everything else names both sides', () => {
    expect(tell(pe(0xaa64), WINDOWS)).toEqual({
      kind: 'other',
      reason: 'it is made for arm64, and this program runs as x64',
    });
    expect(tell(elf(64, 62), { platform: 'linux', arch: 'loong64' })?.reason).toContain('made for x64');
    expect(tell(pe(0x8664), { platform: 'win32', arch: 'ia32' })?.kind).toBe('other');
    expect(tell(pe(0x8664), LINUX)?.reason).toContain('a Windows library');
    expect(tell(pe(0x14c), LINUX)?.kind).toBe('other');
    expect(tell(pe(0x8664, 0x22), WINDOWS)?.reason).toBe('it is a program, not a library');
    expect(tell(Uint8Array.of(1, 2, 3), WINDOWS)?.reason).toContain('neither');
  });
});
