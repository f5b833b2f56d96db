import { DeviceError } from '../../device-error.ts';
import type { NativeLibrary } from './native.ts';
import type { LibraryAnswer, ReaderLibrary, SamRequest } from './reader-library.ts';
import { baseReply, keyOf, NOT_POSSIBLE, outBuffer, reply } from './reader-library.ts';

/**
 * 华视's functions (`termb.dll`): finding and selecting are one call, and return codes are not the SAM's. Windows only.
 * `CVR_InitComm(int)`, `CVR_Authenticate()`, `CVR_CloseComm()` and `CVR_GetSAMID(char *)` agree in more than five public
 * sources. `CVR_ReadBaseMsg(text, &textLength, photo, &photoLength, mode)` with its modes stands in three (two of them
 * with the words of the manual); other declarations of it in the wild cannot work. The meanings of the return codes of
 * CVR_InitComm and CVR_Authenticate stand in one newer manual. Not tried with a real library.
 *
 * Two libraries have the same names and other parameters: 华视's own for Linux (`CVR_InitComm(path, protocol)`; two
 * sources) and 海鑫's (`CVR_InitComm(int, path)`, `CVR_ReadBaseMsg` with fingerprints; its own source). Calling them
 * as if they were this one would crash, so they are known by what else they export, and refused.
 */

/** CVR_ReadBaseMsg: text in UTF-16 as on the chip, photo not unpacked. The higher modes write zp.bmp to disk. */
const RAW = 1;
const OTHER_PARAMETERS = ['CVR_AuthenticateForNoJudge', 'CVR_LogSwitch', 'AutoCheckDevice'];
/** The manual asks for more than 300 ms between two calls of CVR_Authenticate. */
const BETWEEN_LOOKS_MS = 310;
/** While no card comes, the library is asked for its reader's number so often: nothing else tells that it was unplugged. */
const REASSURE_MS = 5000;

/** @throws DeviceError ID_CARD_DRIVER_MISSING when it is not a library of this family, or cannot read without files */
export function termb(library: NativeLibrary, clock = { monotonic: () => performance.now() }): ReaderLibrary {
  const refuse = (reason: string): never => {
    throw new DeviceError('ID_CARD_DRIVER_MISSING', `${library.fileName}: ${reason}`);
  };
  const noFamily = (name: string): never =>
    refuse(`it has no function ${name}, so it is not a library of the termb family`);

  const initComm = library.find('CVR_InitComm', ['int']) ?? noFamily('CVR_InitComm');
  const authenticate = library.find('CVR_Authenticate', []) ?? noFamily('CVR_Authenticate');
  const closeComm = library.find('CVR_CloseComm', []) ?? noFamily('CVR_CloseComm');
  const variant = OTHER_PARAMETERS.find((name) => library.find(name, []) !== null);
  if (variant !== undefined)
    refuse(
      `it has the function ${variant}, so its other functions take other parameters than 华视's for Windows`,
    );
  // CVR_Read_Content would do, but writes the person to wz.txt and zp.bmp, for everybody on this computer to read.
  const readBase =
    library.find('CVR_ReadBaseMsg', ['uint8_t *', 'uint32_t *', 'uint8_t *', 'uint32_t *', 'int']) ??
    refuse(
      'it has no function CVR_ReadBaseMsg and can only read by writing the person to files on disk, which is not done',
    );
  const getSamId = library.find('CVR_GetSAMID', ['uint8_t *']);

  /** Where the present card is: CVR_Authenticate finds and selects in one. */
  let card: 'none' | 'found' | 'selected' = 'none';
  let lookedAt = -Infinity;
  let reassuredAt = -Infinity;
  /** Whether this library gives its reader's number, so that its failing means something. */
  let givesSamId = false;

  const samId = async (): Promise<Uint8Array | null> => {
    if (!getSamId) return null;
    const out = outBuffer(0);
    await getSamId(out.bytes);
    const end = out.bytes.indexOf(0);
    return samIdBytes(new TextDecoder('latin1').decode(out.bytes.subarray(0, end < 0 ? 0 : end)));
  };

  const find = async (): Promise<LibraryAnswer> => {
    await pause(lookedAt + BETWEEN_LOOKS_MS - clock.monotonic());
    lookedAt = clock.monotonic();
    const code = await authenticate();
    // 3: a card was found and not selected. 2 and 0: none was found, or it lies badly; readers that are gone say so, too.
    card = code === 1 ? 'selected' : code === 3 ? 'found' : 'none';
    if (card !== 'none') return reply(0x9f, new Uint8Array(4));
    if (givesSamId && clock.monotonic() - reassuredAt >= REASSURE_MS) {
      if ((await samId()) === null)
        return { kind: 'gone', reason: 'the library does not give its number any more' };
      reassuredAt = clock.monotonic();
    }
    return reply(0x80);
  };

  const read = async (): Promise<LibraryAnswer> => {
    if (card !== 'selected') return reply(NOT_POSSIBLE);
    card = 'none';
    const [text, photo] = [outBuffer(256), outBuffer(1024)];
    const code = await readBase(text.bytes, text.length, photo.bytes, photo.length, RAW);
    const parts = [text.taken(), photo.taken()].filter((part) => part !== null);
    text.wipe();
    photo.wipe();
    if (code !== 1) return reply(0x41);
    return parts.length === 2 ? baseReply(parts) : { kind: 'damaged' };
  };

  const start = async (port: number): Promise<number> => {
    card = 'none';
    const code = await initComm(port);
    givesSamId = code === 1 && (await samId()) !== null;
    reassuredAt = clock.monotonic();
    return code;
  };

  const ask = async (port: number, request: SamRequest): Promise<LibraryAnswer> => {
    switch (keyOf(request)) {
      case 0x10ff:
        // The family has no reset of its own.
        await closeComm();
        if ((await start(port)) === 1) return reply(0x90);
        return { kind: 'gone', reason: 'the port did not open again' };
      case 0x11ff:
        return reply(0x90);
      case 0x12ff: {
        const id = await samId();
        return id ? reply(0x90, id) : reply(NOT_POSSIBLE);
      }
      case 0x2001:
        return find();
      case 0x2002:
        return card === 'selected' ? reply(0x90, new Uint8Array(8)) : reply(0x81);
      case 0x3001:
        return read();
      default:
        return reply(NOT_POSSIBLE);
    }
  };

  return {
    ask,
    async open(port) {
      const code = await start(port);
      if (code === 1) return { kind: 'open' };
      const meaning = {
        0: ', which may mean that sdtapi.dll is missing beside it',
        2: ', the port did not open',
      }[code];
      return { kind: 'no-reader', reason: `CVR_InitComm says ${code}${meaning ?? ''}` };
    },
    async close() {
      await closeComm();
    },
  };
}

/** The number as text (`05.01-20200101-0001234567-0007654321`, separators differ) to the SAM's 16 bytes; null when it is none. */
export function samIdBytes(text: string): Uint8Array | null {
  const groups = /^(\d{2})[.-](\d{2})[.-](\d{8})[.-](\d{10})[.-](\d{10})/
    .exec(text.trim())
    ?.slice(1)
    .map(Number);
  if (!groups) return null;
  const [kind = 0, maker = 0, ...words] = groups;
  const view = new DataView(new ArrayBuffer(16));
  view.setUint16(0, kind, true);
  view.setUint16(2, maker, true);
  words.forEach((word, i) => view.setUint32(4 + 4 * i, word, true));
  return new Uint8Array(view.buffer);
}

function pause(ms: number): Promise<void> {
  return ms > 0 ? new Promise((resolve) => void setTimeout(resolve, ms)) : Promise.resolve();
}
