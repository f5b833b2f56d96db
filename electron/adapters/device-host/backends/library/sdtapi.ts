import { DeviceError } from '../../device-error.ts';
import type { NativeFunction, NativeLibrary, NativeParameter } from './native.ts';
import type { LibraryAnswer, ReaderLibrary, SamRequest } from './reader-library.ts';
import { baseReply, keyOf, NOT_POSSIBLE, outBuffer, outcome, reply } from './reader-library.ts';

/**
 * The SDT functions (`sdtapi.dll`, `libsdtapi.so`), which most makers ship: one function for each command of the SAM.
 * Prototypes and return codes agree in five public sources: two header files of different makers, a maker's header
 * with a description of every function, Delphi and C# declarations. SDT_ReadMngInfo, SDT_ReadIINSNDN and the second
 * name of the fingerprint read stand in one maker's header only. Not tried with a real library.
 *
 * A return code is the SAM's own status (90, 9F, 80 …); 01, 02, 03, 05 and 09 are the library's.
 */

/** Last parameter `iIfOpen`: 0, the port is open already; anything else makes each call open and close it. */
const PORT_IS_OPEN = 0;

const PORT: NativeParameter = 'int';
const IF_OPEN: NativeParameter = 'int';
const BYTES: NativeParameter = 'uint8_t *';
const LENGTH: NativeParameter = 'uint32_t *';

/** @throws DeviceError ID_CARD_DRIVER_MISSING when it is not a library of this family */
export function sdtapi(library: NativeLibrary): ReaderLibrary {
  const need = (name: string, parameters: readonly NativeParameter[]): NativeFunction => {
    const found = library.find(name, parameters);
    if (found) return found;
    throw new DeviceError(
      'ID_CARD_DRIVER_MISSING',
      `${library.fileName}: it has no function ${name}, so it is not a library of the sdtapi family`,
    );
  };
  const openPort = need('SDT_OpenPort', [PORT]);
  const closePort = need('SDT_ClosePort', [PORT]);
  const find = need('SDT_StartFindIDCard', [PORT, BYTES, IF_OPEN]);
  const select = need('SDT_SelectIDCard', [PORT, BYTES, IF_OPEN]);
  const readBase = need('SDT_ReadBaseMsg', [PORT, BYTES, LENGTH, BYTES, LENGTH, IF_OPEN]);
  const reset = library.find('SDT_ResetSAM', [PORT, IF_OPEN]);
  const status = library.find('SDT_GetSAMStatus', [PORT, IF_OPEN]);
  const samId = library.find('SDT_GetSAMID', [PORT, BYTES, IF_OPEN]);
  const setMaxRf = library.find('SDT_SetMaxRFByte', [PORT, 'uint8_t', IF_OPEN]);
  const readAppended = library.find('SDT_ReadNewAppMsg', [PORT, BYTES, LENGTH, IF_OPEN]);
  const readManagement =
    library.find('SDT_ReadMngInfo', [PORT, BYTES, IF_OPEN]) ??
    library.find('SDT_ReadIINSNDN', [PORT, BYTES, IF_OPEN]);
  const THREE_PARTS = [PORT, BYTES, LENGTH, BYTES, LENGTH, BYTES, LENGTH, IF_OPEN];
  const readFingerprint =
    library.find('SDT_ReadBaseFPMsg', THREE_PARTS) ?? library.find('SDT_ReadBaseMsgFingerPrint', THREE_PARTS);

  /** A function that gives `length` bytes and no count of them. */
  const fixed = async (
    call: NativeFunction | null,
    port: number,
    success: number,
    length: number,
  ): Promise<LibraryAnswer> => {
    if (!call) return reply(NOT_POSSIBLE);
    const out = outBuffer(length);
    const code = await call(port, out.bytes, PORT_IS_OPEN);
    const data = out.bytes.slice(0, length);
    out.wipe();
    return code === success ? reply(code, data) : outcome(code);
  };

  /** A function that gives several buffers with their lengths; the usual lengths are given. */
  const counted = async (
    call: NativeFunction | null,
    port: number,
    usual: readonly number[],
    build: (parts: readonly Uint8Array[]) => LibraryAnswer,
  ): Promise<LibraryAnswer> => {
    if (!call) return reply(NOT_POSSIBLE);
    const outs = usual.map(outBuffer);
    const code = await call(port, ...outs.flatMap(({ bytes, length }) => [bytes, length]), PORT_IS_OPEN);
    const parts = outs.map((out) => out.taken());
    for (const out of outs) out.wipe();
    if (code !== 0x90) return outcome(code);
    const whole = parts.filter((part) => part !== null);
    return whole.length === parts.length ? build(whole) : { kind: 'damaged' };
  };

  const plain = async (code: Promise<number> | undefined, without: number): Promise<LibraryAnswer> =>
    code === undefined ? reply(without) : outcome(await code);

  const ask = (port: number, request: SamRequest): Promise<LibraryAnswer> => {
    switch (keyOf(request)) {
      case 0x10ff:
        return plain(reset?.(port, PORT_IS_OPEN), NOT_POSSIBLE);
      case 0x11ff:
        // Without this function the open port has to do.
        return plain(status?.(port, PORT_IS_OPEN), 0x90);
      case 0x12ff:
        return fixed(samId, port, 0x90, 16);
      case 0x61ff:
        return plain(setMaxRf?.(port, request.data[0] ?? 0, PORT_IS_OPEN), NOT_POSSIBLE);
      case 0x2001:
        return fixed(find, port, 0x9f, 4);
      case 0x2002:
        return fixed(select, port, 0x90, 8);
      case 0x3001:
        return counted(readBase, port, [256, 1024], baseReply);
      case 0x3010:
        return counted(readFingerprint, port, [256, 1024, 1024], baseReply);
      case 0x3003:
        return counted(readAppended, port, [280], ([address]) => reply(0x90, address));
      case 0x3005:
        return fixed(readManagement, port, 0x90, 28);
      default:
        return Promise.resolve(reply(NOT_POSSIBLE));
    }
  };

  return {
    ask,
    async open(port) {
      const code = await openPort(port);
      if (code === 0x90) return { kind: 'open' };
      const reason = `SDT_OpenPort says ${code.toString(16).padStart(2, '0')}`;
      // 66: the module is not authorised; 23: one library says so when its licence file is missing.
      return { kind: code === 0x66 || code === 0x23 ? 'refused' : 'no-reader', reason };
    },
    async close(port) {
      await closePort(port);
    },
  };
}
