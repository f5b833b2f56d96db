import type { DeviceCarrier } from '../../../../electron/adapters/simulated/card-reader/device-carriers.ts';
import { DEVICE_CARRIERS } from '../../../../electron/adapters/simulated/card-reader/device-carriers.ts';
import type { Carrier } from '../../../../electron/core/id-card/carriers/carrier.ts';
import { carrierOf, readerProfileSchema } from '../../../../electron/core/id-card/reader-profile.ts';
import type { Packet } from '../../../../electron/core/ports/reader-device.ts';
import type { Damage } from './frames.ts';
import { concat, damagedBytes, noise } from './frames.ts';
import type { Random } from './random.ts';

/** The carriers under test, and what a device does on the other end of each. */
export const CHANNELS = ['miaxis', 'dk', 'raw', 'len8', 'bulk', 'stream'] as const;
export type Channel = (typeof CHANNELS)[number];

const FRAMINGS = {
  miaxis: { kind: 'miaxis' },
  dk: { kind: 'dk' },
  raw: { kind: 'raw' },
  len8: { kind: 'len8' },
  bulk: { kind: 'bulk' },
  stream: { kind: 'uart' },
} as const;

/** The driver's carrier, as a reader profile gives it. */
export function driverCarrier(channel: Channel): Carrier {
  return carrierOf(readerProfileSchema.parse({ id: channel, name: channel, framing: FRAMINGS[channel] }));
}

/** A reply as the packets that a device sends. */
export function packetsOf(random: Random, channel: Channel, reply: Uint8Array): Packet[] {
  switch (channel) {
    case 'bulk':
      return [
        { bytes: reply.slice(0, 7), pipe: 0x81 },
        ...slices(reply.slice(7), random.chance(0.5) ? 64 : 4096).map((bytes) => ({ bytes, pipe: 0x85 })),
      ];
    case 'stream':
      return slices(reply, 1 + random.below(80)).map((bytes) => ({ bytes, pipe: 0 }));
    default: {
      // DK counts fragments in six bits: a card in small pieces would be more than it can number.
      const small = random.chance(0.2) && (channel !== 'dk' || reply.length < 1000);
      return hidCarrier(channel)
        .wrap(reply, small ? 20 + random.below(40) : undefined)
        .map((report) => ({ bytes: reportBytes(report), pipe: 0 }));
    }
  }
}

function hidCarrier(channel: 'miaxis' | 'dk' | 'raw' | 'len8'): DeviceCarrier {
  return DEVICE_CARRIERS[channel];
}

function reportBytes(report: Uint8Array | Packet): Uint8Array {
  return report instanceof Uint8Array ? report : report.bytes;
}

/** What the device makes of the driver's packets: the bytes of the request. */
export function requestBytes(channel: Channel, packets: readonly Packet[]): Uint8Array {
  if (channel === 'bulk' || channel === 'stream') return concat(...packets.map(({ bytes }) => bytes));
  const opened = packets.map(({ bytes }) => DEVICE_CARRIERS[channel].open(bytes));
  return concat(...opened.map((bytes) => bytes ?? new Uint8Array()));
}

/** Packets as a bad bus leaves them. */
export function damagedPackets(random: Random, damage: Damage, packets: Packet[]): Packet[] {
  const at = random.below(packets.length);
  const other = random.below(packets.length);
  const packet = packets[at] as Packet;
  switch (damage) {
    case 'none':
      return packets;
    case 'cut':
      return packets.slice(0, at);
    case 'drop':
      return packets.filter((_, i) => i !== at);
    case 'duplicate':
      return [...packets.slice(0, at + 1), packet, ...packets.slice(at + 1)];
    case 'reorder': {
      const swapped = [...packets];
      swapped[at] = packets[other] as Packet;
      swapped[other] = packet;
      return swapped;
    }
    case 'inject': {
      const bytes = random.chance(0.5)
        ? random.bytes(64)
        : concat(noise(random), random.bytes(64)).slice(0, 64);
      return [...packets.slice(0, at), { bytes, pipe: packet.pipe }, ...packets.slice(at)];
    }
    case 'corrupt':
    case 'length': {
      const bytes = damagedBytes(random, damage, packet.bytes);
      return packets.map((same, i) => (i === at ? { bytes, pipe: packet.pipe } : same));
    }
  }
}

function slices(bytes: Uint8Array, size: number): Uint8Array[] {
  const cut: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) cut.push(bytes.slice(at, at + size));
  return cut;
}
