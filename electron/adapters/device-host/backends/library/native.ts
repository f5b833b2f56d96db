import { basename, dirname, isAbsolute } from 'node:path';
import { promisify } from 'node:util';
import type koffiModule from 'koffi';
import { DeviceError } from '../../device-error.ts';
import { mismatchOf, readLibraryHead, readLibraryHeader } from '../../native-library.ts';

/** C types of the parameters that makers' functions have. Pointers are to buffers of the caller. */
export type NativeParameter = 'int' | 'uint8_t' | 'uint8_t *' | 'uint32_t *';
export type NativeFunction = (...values: (number | Uint8Array | Uint32Array)[]) => Promise<number>;

/** A loaded library. It stays loaded: makers' libraries start threads, and unloading them under those is a crash. */
export interface NativeLibrary {
  /** For messages. */
  fileName: string;
  /** A function that returns int, called in a thread of its own so that this process stays responsive; null without such an export. */
  find(name: string, parameters: readonly NativeParameter[]): NativeFunction | null;
}

type Koffi = typeof koffiModule;

/**
 * Loads a maker's library.
 * @throws DeviceError ID_CARD_DRIVER_32BIT, or ID_CARD_DRIVER_MISSING with the loader's own words (often a missing
 *   library that this one needs)
 */
export async function loadNative(path: string): Promise<NativeLibrary> {
  const fileName = basename(path);
  const missing = (reason: string, cause?: unknown): DeviceError =>
    new DeviceError('ID_CARD_DRIVER_MISSING', `${fileName}: ${reason}`, { cause });

  if (!isAbsolute(path)) throw missing('the whole path of the library is needed');
  // Native code on another computer is not loaded: whoever holds that computer would hold this one.
  if (process.platform === 'win32' && /^[\\/]{2}/.test(path)) throw missing('it lies on another computer');
  const head = await readLibraryHead(path).catch((error: unknown) => {
    throw missing(`it cannot be read (${wordsOf(error)})`, error);
  });
  const mismatch = mismatchOf(readLibraryHeader(head), process);
  if (mismatch?.kind === '32-bit') {
    throw new DeviceError(
      'ID_CARD_DRIVER_32BIT',
      `${fileName}: ${mismatch.reason}; the maker's package for 64-bit programs is needed`,
    );
  }
  if (mismatch) throw missing(mismatch.reason);

  const koffi = await loadKoffi().catch((error: unknown) => {
    throw missing(`libraries cannot be called on this computer (${wordsOf(error)})`, error);
  });
  let library: ReturnType<Koffi['load']>;
  try {
    moveInto(dirname(path), koffi);
    library = koffi.load(path);
  } catch (error) {
    throw missing(`it cannot be loaded: ${wordsOf(error)}`, error);
  }
  return {
    fileName,
    find(name, parameters) {
      try {
        // On 32-bit Windows these functions are __stdcall; elsewhere there is one convention and the word is ignored.
        return promisify(library.func('__stdcall', name, 'int', [...parameters]).async) as NativeFunction;
      } catch {
        return null;
      }
    },
  };
}

/** What threads have on Linux; on Windows 1 MiB. koffi gives its threads 128 KiB, and makers' code overruns that. */
const STACK_BYTES = 8 * 1024 * 1024;
let koffiLoading: Promise<Koffi> | null = null;

function loadKoffi(): Promise<Koffi> {
  koffiLoading ??= import('koffi').then(({ default: koffi }) => {
    koffi.config({ ...koffi.config(), async_stack_size: STACK_BYTES });
    return koffi;
  });
  return koffiLoading;
}

/**
 * Makes the library's own folder this process's place. Makers' packages are tested beside their own demo program: they
 * load further libraries by bare name while running (WltRS.dll, SysInfo.dll) and read licences and settings by bare
 * name from the working folder (WltRS.lic, *.ini). SetDllDirectoryW serves the first: it puts the folder into the
 * search of every LoadLibrary, which AddDllDirectory does not, and takes the working folder out of it. The working
 * folder serves the second; nothing else in this process opens files by relative names.
 */
export function moveInto(folder: string, koffi: Koffi): void {
  process.chdir(folder);
  if (process.platform !== 'win32') return;
  koffi.load('kernel32.dll').func('__stdcall', 'SetDllDirectoryW', 'int', ['str16'])(folder);
}

function wordsOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  const text = error instanceof Error ? error.message : String(error);
  return (code === undefined || text.startsWith(code) ? text : `${code} ${text}`).split('\n', 1)[0] ?? '';
}
