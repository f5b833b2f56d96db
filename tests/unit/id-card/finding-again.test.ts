import { describe, expect, it } from 'vitest';
import { overReports } from '../../../electron/core/id-card/carriers/carrier.ts';
import { miaxisCarrier } from '../../../electron/core/id-card/carriers/miaxis.ts';
import { encodeRequest } from '../../../electron/core/id-card/sam-frame.ts';
import type { Packet, ReaderDevicePort } from '../../../electron/core/ports/reader-device.ts';
import { phase, waiting } from './desk.ts';
import type { Desk } from './desk.ts';

/** Before every find the radio field is dropped: a module that finds a card that lies there again and again. */
function findingAgain(port: ReaderDevicePort): ReaderDevicePort {
  const carrier = overReports(miaxisCarrier(64));
  const [find, reset] = [encodeRequest(0x20, 0x01), encodeRequest(0x10, 0xff)].map((frame) =>
    carrier.toPackets(frame),
  ) as [Packet[], Packet[]];
  const sameBytes = (a: Packet, b: Packet | undefined): boolean =>
    Buffer.compare(a.bytes, b?.bytes ?? new Uint8Array()) === 0;
  return {
    list: (buses) => port.list(buses),
    async open(path, access) {
      const connection = await port.open(path, access);
      let swallow = 0;
      return {
        ...connection,
        onPacket: (listener) =>
          connection.onPacket((packet) => {
            if (swallow > 0) swallow -= 1;
            else listener(packet);
          }),
        async write(packet, timeoutMs) {
          if (sameBytes(packet, find[0])) {
            swallow += 1;
            for (const each of reset) await connection.write(each, timeoutMs);
          }
          await connection.write(packet, timeoutMs);
        },
      };
    },
  };
}

/** Such a reader, whose `30 03` says nothing either. */
const desk = async (): Promise<Desk> => {
  const made = await waiting({ devices: findingAgain });
  made.real.faults.add({ on: 'appended', status: 0x21, times: Infinity });
  return made;
};

describe('a reader that finds a card lying there again, and does not tell whether it lies there', () => {
  it('gives one event for it, however long it lies', async () => {
    const { clock, real, reads } = await desk();
    real.cards.place('jia');
    await clock.advance(120_000);
    expect(reads).toHaveLength(1);
  });

  it('says that it is to be lifted, and then waits', async () => {
    const made = await desk();
    made.real.cards.place('jia');
    await made.clock.advance(5000);
    made.real.cards.lift();
    await made.clock.advance(1500);
    expect(phase(made)).toBe('waiting');
  });

  it('gives the same card anew when it was away for a second, and the next person at once', async () => {
    const { clock, real, reads } = await desk();
    real.cards.place('jia');
    await clock.advance(3000);
    real.cards.place('yi');
    await clock.advance(1500);
    expect(reads).toHaveLength(2);
    real.cards.lift();
    await clock.advance(1000);
    real.cards.place('yi');
    await clock.advance(1500);
    expect(reads).toHaveLength(3);
  });
});
