import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CarrierKind } from '../../../electron/adapters/simulated/card-reader/device-carriers.ts';
import { DEVICE_CARRIERS } from '../../../electron/adapters/simulated/card-reader/device-carriers.ts';
import type { PacketContent, ReportCarrier } from '../../../electron/core/id-card/carriers/carrier.ts';
import { dkCarrier } from '../../../electron/core/id-card/carriers/dk.ts';
import { len8Carrier } from '../../../electron/core/id-card/carriers/len8.ts';
import { miaxisCarrier } from '../../../electron/core/id-card/carriers/miaxis.ts';
import { rawCarrier } from '../../../electron/core/id-card/carriers/raw.ts';
import { encodeReply, encodeRequest } from '../../../electron/core/id-card/sam-frame.ts';
import { bytesOf, hexOf } from './hex.ts';

const FIND = encodeRequest(0x20, 0x01);
const FOUND = 'AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97';
const CARRIERS: Record<CarrierKind, ReportCarrier> = {
  miaxis: miaxisCarrier(64),
  dk: dkCarrier(64),
  raw: rawCarrier(64, 0),
  len8: len8Carrier(64, 1, false),
};

const padded = (hex: string): Uint8Array => {
  const report = new Uint8Array(64);
  report.set(bytesOf(hex));
  return report;
};
const bytesIn = (contents: PacketContent[]): Uint8Array =>
  Uint8Array.from(contents.flatMap((content) => (content.kind === 'bytes' ? [...content.bytes] : [])));

describe('MIAXIS reports', () => {
  it('a find is the published report', () => {
    expect(CARRIERS.miaxis.toReports(FIND)).toEqual([
      padded('88 00 00 0B 00 B1 AA AA AA 96 69 00 03 20 01 22 FF 03'),
    ]);
  });

  it('the published answer is taken apart', () => {
    const receiver = CARRIERS.miaxis.createReceiver();
    const content = receiver.take(padded(`AA 00 00 12 00 00 00 00 ${FOUND} 4D 04`));
    expect(hexOf(bytesIn([content]))).toBe(FOUND);
  });

  it('a wrong sum, a wrong length and a foreign report are damaged', () => {
    const receiver = CARRIERS.miaxis.createReceiver();
    for (const hex of [
      `AA 00 00 12 00 00 00 00 ${FOUND} 4D 05`,
      'AA 00 00 FF 00',
      'AA 00 00 02 00',
      '88 00 00 0B',
    ]) {
      expect(receiver.take(padded(hex)).kind).toBe('damaged');
    }
  });

  it('slices that changed places are noticed, which the check of the frame cannot', () => {
    const reply = encodeReply({ sw1: 0, sw2: 0, sw3: 0x90, data: new Uint8Array(300).fill(7) });
    const reports = DEVICE_CARRIERS.miaxis.wrap(reply);
    const receiver = CARRIERS.miaxis.createReceiver();
    const order = [0, 1, 3, 2, 4];
    expect(order.map((i) => receiver.take(reports[i]!).kind)).toEqual([
      'bytes',
      'bytes',
      'bytes',
      'damaged',
      'bytes',
    ]);
    // Another reply begins anew, and readers that never count are not refused.
    expect(receiver.take(reports[0]!).kind).toBe('bytes');
    expect(receiver.take(reports[0]!).kind).toBe('bytes');
  });

  it('an envelope that carries only a result other than zero is a refusal', () => {
    const receiver = CARRIERS.miaxis.createReceiver();
    expect(receiver.take(padded('AA 00 00 03 00 05 00 00 08 00')).kind).toBe('refused');
  });

  it('a base read is 24 reports and one with two fingerprints 43', () => {
    expect(DEVICE_CARRIERS.miaxis.wrap(new Uint8Array(1295))).toHaveLength(24);
    expect(DEVICE_CARRIERS.miaxis.wrap(new Uint8Array(2321))).toHaveLength(43);
  });
});

describe('DK reports', () => {
  it('a find is the published report', () => {
    expect(CARRIERS.dk.toReports(FIND)).toEqual([padded('0C 00 34 AA AA AA 96 69 00 03 20 01 22')]);
  });

  it('a frame too long for one fragment goes out in several', () => {
    const frame = encodeRequest(0x80, 0x20, new Uint8Array(100).fill(7));
    const reports = CARRIERS.dk.toReports(frame);
    expect(reports.map((report) => [...report.subarray(0, 3)])).toEqual([
      [63, 1, 0x34],
      [50, 0xc1, 7],
    ]);
  });

  it('a reader without a SAM of its own is named as such', () => {
    const content = CARRIERS.dk.createReceiver().take(padded('04 00 34 6E 00'));
    expect(content).toMatchObject({ kind: 'refused', reason: expect.stringContaining('6e00') as string });
    expect(content).toMatchObject({ reason: expect.stringContaining('cloud') as string });
  });

  it('an acknowledgement carries nothing, a lost fragment is noticed', () => {
    const receiver = CARRIERS.dk.createReceiver();
    expect(receiver.take(padded('FF')).kind).toBe('nothing');
    const [first, , third] = DEVICE_CARRIERS.dk.wrap(
      encodeReply({ sw1: 0, sw2: 0, sw3: 0x90, data: new Uint8Array(150) }),
    );
    expect(receiver.take(first!).kind).toBe('bytes');
    expect(receiver.take(third!)).toEqual({ kind: 'damaged', reason: 'fragment out of order' });
    receiver.reset();
    expect(receiver.take(first!).kind).toBe('bytes');
    expect(receiver.take(padded('00')).kind).toBe('damaged');
  });
});

describe('the general framings', () => {
  it('raw: bytes from an offset, zeros behind', () => {
    const [report] = rawCarrier(64, 2).toReports(FIND);
    expect(hexOf(report!.subarray(0, 13))).toBe('00 00 AA AA AA 96 69 00 03 20 01 22 00');
    const content = rawCarrier(64, 2).createReceiver().take(report!);
    expect(hexOf(bytesIn([content]).subarray(0, 10))).toBe(hexOf(FIND));
  });

  it('len8: one or two bytes of count, either order', () => {
    expect(hexOf(len8Carrier(64, 1, false).toReports(FIND)[0]!.subarray(0, 3))).toBe('0A AA AA');
    expect(hexOf(len8Carrier(64, 2, false).toReports(FIND)[0]!.subarray(0, 3))).toBe('0A 00 AA');
    expect(hexOf(len8Carrier(64, 2, true).toReports(FIND)[0]!.subarray(0, 3))).toBe('00 0A AA');
    for (const carrier of [len8Carrier(64, 1, false), len8Carrier(64, 2, false), len8Carrier(64, 2, true)]) {
      const [report] = carrier.toReports(FIND);
      expect(bytesIn([carrier.createReceiver().take(report!)])).toEqual(FIND);
      expect(carrier.createReceiver().take(new Uint8Array(64).fill(0xff)).kind).toBe('damaged');
    }
  });
});

describe.each(Object.keys(CARRIERS) as CarrierKind[])('%s, driver against device', (kind) => {
  it('every request arrives as it was sent', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.uint8Array({ maxLength: 8 }), (command, parameter, data) => {
        const frame = encodeRequest(command, parameter, data);
        const arrived = CARRIERS[kind].toReports(frame).flatMap((report) => {
          expect(report).toHaveLength(64);
          return [...(DEVICE_CARRIERS[kind].open(report) ?? [])];
        });
        // The raw framing leaves its zeros to the frame decoder.
        expect(Uint8Array.from(arrived).subarray(0, frame.length)).toEqual(frame);
      }),
    );
  });

  it('every reply arrives as it was sent, whatever the size of the pieces', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2400 }), fc.integer({ min: 40, max: 64 }), (data, slice) => {
        const reply = encodeReply({ sw1: 0, sw2: 0, sw3: 0x90, data });
        const receiver = CARRIERS[kind].createReceiver();
        const contents = DEVICE_CARRIERS[kind].wrap(reply, slice).map((report) => receiver.take(report));
        expect(contents.every((content) => content.kind === 'bytes')).toBe(true);
        expect(
          bytesIn(contents.map((c) => (c.kind === 'bytes' ? { ...c, bytes: c.bytes.slice() } : c))).subarray(
            0,
            reply.length,
          ),
        ).toEqual(reply);
      }),
      { numRuns: 50 },
    );
  });

  it('no report whatever makes the driver throw', () => {
    const receiver = CARRIERS[kind].createReceiver();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 64 }), (report) => void receiver.take(report)),
    );
  });
});
