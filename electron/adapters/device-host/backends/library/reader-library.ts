/** A maker's library as a security module that is spoken to by commands: what the two families have in common. */
export interface ReaderLibrary {
  /** Tries one port: 1–16 serial, 1001–1016 USB. */
  open(port: number): Promise<OpenResult>;
  close(port: number): Promise<void>;
  /** Carries out one command of the SAM. Never more than one at a time: these libraries are not made for more. */
  ask(port: number, request: SamRequest): Promise<LibraryAnswer>;
}

export interface SamRequest {
  /** CMD and PARA. */
  command: number;
  parameter: number;
  data: Uint8Array;
}

export type OpenResult =
  | { kind: 'open' }
  /** Nothing there; the next port may be tried. */
  | { kind: 'no-reader'; reason: string }
  /** The reader is there and will not work. */
  | { kind: 'refused'; reason: string };

export type LibraryAnswer =
  /** Status SW3 and data, as they would have come over the wire. */
  | { kind: 'reply'; status: number; data: Uint8Array }
  /** The reader said nothing within the library's own time limit. */
  | { kind: 'silence' }
  /** What the reader said was damaged on its way. */
  | { kind: 'damaged' }
  /** The port is not open any more. */
  | { kind: 'gone'; reason: string };

/** "Command not possible now", which is also what a library without that function is said to answer. */
export const NOT_POSSIBLE = 0x21;
const UNRECOGNISED = 0x24;

/** What happened, from the library's return code: a status byte of the SAM, or one of the library's own codes. */
export function outcome(code: number): LibraryAnswer {
  switch (code) {
    case 0x01:
      return { kind: 'gone', reason: 'the library says: port not open (01)' };
    case 0x02:
      return { kind: 'silence' };
    case 0x03:
      return { kind: 'damaged' };
    default:
      return reply(code >= 0 && code <= 0xff ? code : UNRECOGNISED);
  }
}

export function reply(status: number, data: Uint8Array = new Uint8Array()): LibraryAnswer {
  return { kind: 'reply', status, data };
}

/** A reply to a base read, as the SAM sends it: the lengths, big-endian, then the parts. */
export function baseReply(parts: readonly Uint8Array[]): LibraryAnswer {
  const data = new Uint8Array(parts.reduce((sum, part) => sum + 2 + part.length, 0));
  const view = new DataView(data.buffer);
  let at = 2 * parts.length;
  parts.forEach((part, i) => {
    view.setUint16(2 * i, part.length);
    data.set(part, at);
    at += part.length;
  });
  return reply(0x90, data);
}

/** CMD and PARA as one number, for tables. */
export function keyOf({ command, parameter }: SamRequest): number {
  return command * 0x100 + parameter;
}

/** Room for what a function writes, larger than any document says: some libraries write more than they should. */
const ROOM = 4096;

/** A buffer for a function to fill, with the length beside it. */
export interface OutBuffer {
  bytes: Uint8Array;
  length: Uint32Array;
  /** A copy of what was written; null when the length cannot be true. */
  taken(): Uint8Array | null;
  /** Wipes it. */
  wipe(): void;
}

/** @param usual the length documents give; it stands in the length before the call, since some libraries read it */
export function outBuffer(usual: number): OutBuffer {
  const bytes = new Uint8Array(ROOM);
  const length = Uint32Array.of(usual);
  return {
    bytes,
    length,
    taken: () => ((length[0] ?? 0) <= ROOM ? bytes.slice(0, length[0]) : null),
    wipe: () => void bytes.fill(0),
  };
}
