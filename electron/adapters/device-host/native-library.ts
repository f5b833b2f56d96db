import { open, stat } from 'node:fs/promises';

/**
 * What the header of a native library says, read before it is loaded: the loaders' own words ("not a valid Win32
 * application", "wrong ELF class") tell nobody that the maker's package also holds a 64-bit one.
 * Layouts: PE/COFF specification (DOS header, COFF header) and the ELF specification.
 */

/** So many bytes of a file hold its header; linkers put the PE header within the first few hundred. */
export const HEADER_BYTES = 4096;

export interface LibraryHeader {
  format: 'pe' | 'elf';
  /** Processor, in Node's words (`process.arch`), or `machine 1f0` for one that Node has no word for. */
  arch: string;
  bits: 32 | 64;
  /** False for programs and object files. */
  isLibrary: boolean;
}

/** What is wrong with a library for this process, with the reason in words. */
export type LibraryMismatch = { kind: '32-bit' | 'other'; reason: string };

const PE_MACHINES: Readonly<Record<number, readonly [arch: string, bits: 32 | 64]>> = {
  0x014c: ['ia32', 32],
  0x01c0: ['arm', 32],
  0x01c4: ['arm', 32],
  0x6264: ['loong64', 64],
  0x8664: ['x64', 64],
  0xaa64: ['arm64', 64],
};
const ELF_MACHINES: Readonly<Record<number, string>> = {
  3: 'ia32',
  8: 'mips',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
};
const PE_IS_DLL = 0x2000;
const ELF_IS_SHARED = 3;

/**
 * The bytes in which a library's header is.
 * @throws the system's error when it cannot be read, Error 'it is no file' for anything but a file: a pipe would never
 *   answer, and opening a device can do anything
 */
export async function readLibraryHead(path: string): Promise<Uint8Array> {
  if (!(await stat(path)).isFile()) throw new Error('it is no file');
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** @returns null when it is neither a Windows nor a Linux library; never throws, however the bytes are cut */
export function readLibraryHeader(bytes: Uint8Array): LibraryHeader | null {
  return readPe(bytes) ?? readElf(bytes);
}

function readPe(bytes: Uint8Array): LibraryHeader | null {
  const view = viewOf(bytes);
  if (bytes.length < 0x40 || view.getUint16(0, true) !== 0x5a4d) return null;
  const at = view.getUint32(0x3c, true);
  if (at + 24 > bytes.length || view.getUint32(at, true) !== 0x0000_4550) return null;
  const machine = view.getUint16(at + 4, true);
  const [arch, bits] = PE_MACHINES[machine] ?? [`machine ${machine.toString(16)}`, 64];
  const isLibrary = (view.getUint16(at + 22, true) & PE_IS_DLL) !== 0;
  return { format: 'pe', arch, bits, isLibrary };
}

function readElf(bytes: Uint8Array): LibraryHeader | null {
  const view = viewOf(bytes);
  if (bytes.length < 20 || view.getUint32(0, false) !== 0x7f45_4c46) return null;
  const little = bytes[5] !== 2;
  const machine = view.getUint16(18, little);
  return {
    format: 'elf',
    arch: `${ELF_MACHINES[machine] ?? `machine ${machine.toString(16)}`}${little ? '' : ' big-endian'}`,
    bits: bytes[4] === 1 ? 32 : 64,
    isLibrary: view.getUint16(16, little) === ELF_IS_SHARED,
  };
}

/**
 * Whether a process can load this library.
 * @param here `process.platform` and `process.arch`
 * @returns null when it can, as far as the header tells
 */
export function mismatchOf(
  header: LibraryHeader | null,
  here: { platform: string; arch: string },
): LibraryMismatch | null {
  const wanted = here.platform === 'win32' ? 'pe' : 'elf';
  if (!header) return other(`it is neither a ${NAMES.pe} nor a ${NAMES.elf} library`);
  if (header.format !== wanted) {
    return other(`it is a ${NAMES[header.format]} library, and this computer needs a ${NAMES[wanted]} one`);
  }
  if (!header.isLibrary) return other('it is a program, not a library');
  if (header.arch === here.arch) return null;
  const has32 = here.arch === 'ia32' || here.arch === 'arm';
  if (header.bits === 32 && !has32) {
    return {
      kind: '32-bit',
      reason: `it is a 32-bit library (${header.arch}), and this program is a 64-bit one (${here.arch})`,
    };
  }
  return other(`it is made for ${header.arch}, and this program runs as ${here.arch}`);
}

const NAMES = { pe: 'Windows', elf: 'Linux' } as const;

function other(reason: string): LibraryMismatch {
  return { kind: 'other', reason };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
