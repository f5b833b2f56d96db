import { read, write } from 'node:fs';
import { promisify } from 'node:util';
import type { Packet } from '../../../../electron/core/ports/reader-device.ts';

/** The device's end of a cable: bytes put in here come out of the Linux kernel on the computer's side. */
export interface Wire {
  /** The computer sees the device appear. */
  plug(): Promise<void>;
  /** The computer sees it go. */
  unplug(): Promise<void>;
  /** Sends one packet and waits until it is under way; does nothing while unplugged. */
  send(packet: Packet): Promise<void>;
  /** One listener for what the computer sends. */
  onPacket(listener: (packet: Packet) => void): void;
}

/** The file of a device that is gone answers with an error at once; it is asked again after this long. */
const AFTER_ERROR_MS = 100;

const readFrom = promisify(read);
const writeTo = promisify(write);

/**
 * Reads units from a device file; each read waits in a thread until the kernel has something.
 * @param size the longest unit
 * @returns the end of it, for a file that will not be read again
 */
export function readForEver(file: number, size: number, take: (bytes: Buffer) => void): () => void {
  const buffer = Buffer.alloc(size);
  const state = { stopped: false };
  const next = async (): Promise<void> => {
    const bytes = await readFrom(file, buffer, 0, size, null).then(
      ({ bytesRead }) => Buffer.from(buffer.subarray(0, bytesRead)),
      () => Buffer.alloc(0),
    );
    if (state.stopped) return;
    if (bytes.length > 0) take(bytes);
    else await pause(AFTER_ERROR_MS);
    void next();
  };
  void next();
  return () => {
    state.stopped = true;
  };
}

/** Writes one unit; a device that is unplugged meanwhile is no fault of the lab. */
export async function writeUnit(file: number, bytes: Uint8Array): Promise<void> {
  await writeTo(file, bytes, 0, bytes.length, null).catch(() => undefined);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
