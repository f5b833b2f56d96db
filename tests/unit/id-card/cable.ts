import type { SimulatedReader } from '../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import { settled } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';
import { bytesOf, hexOf } from './hex.ts';

/** Speaks to the simulator in bytes alone, with one-byte counts, so that nothing of the driver is in between. */
export async function cable(reader: SimulatedReader, clock: FakeClock) {
  const connection = await reader.port.open('simulated', { bus: 'hid' });
  let received: number[] = [];
  connection.onPacket(({ bytes }) => void received.push(...bytes.subarray(1, 1 + bytes[0]!)));
  const sendFrame = async (frame: Uint8Array, waitMs = 0): Promise<Uint8Array> => {
    received = [];
    const report = new Uint8Array(64);
    report.set([frame.length, ...frame]);
    await connection.write({ bytes: report, pipe: 0 }, 1000);
    await clock.advance(waitMs);
    await settled();
    return Uint8Array.from(received);
  };
  const send = (command: string, waitMs?: number): Promise<Uint8Array> => {
    const body = [0, 3, ...bytesOf(command)];
    const check = body.reduce((xor, byte) => xor ^ byte, 0);
    return sendFrame(Uint8Array.of(0xaa, 0xaa, 0xaa, 0x96, 0x69, ...body, check), waitMs);
  };
  return {
    connection,
    sendFrame,
    send,
    /** The SAM status of the answer, in hex. */
    status: async (command: string, waitMs?: number) => hexOf((await send(command, waitMs)).subarray(9, 10)),
  };
}
