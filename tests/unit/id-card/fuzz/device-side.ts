import { DEVICE_ENDS } from '../../../../electron/adapters/simulated/card-reader/device-ends.ts';
import type { Carrier } from '../../../../electron/core/id-card/carriers/carrier.ts';
import { carrierOf, readerProfileSchema } from '../../../../electron/core/id-card/reader-profile.ts';
import type { Packet } from '../../../../electron/core/ports/reader-device.ts';
import type { Damage } from './frames.ts';
import { concat, damagedBytes, noise } from './frames.ts';
import type { Random } from './random.ts';

/** The carriers under test, and what a device does on the other end of each. */
export const CHANNELS = ['miaxis', 'dk', 'raw', 'len8', 'bulk', 'bulk-whole', 'uart', 'library'] as const;
export type Channel = (typeof CHANNELS)[number];

const FRAMINGS = {
  miaxis: { kind: 'miaxis' },
  dk: { kind: 'dk' },
  raw: { kind: 'raw' },
  len8: { kind: 'len8' },
  bulk: { kind: 'bulk' },
  'bulk-whole': { kind: 'bulk', split: false },
  uart: { kind: 'uart' },
  library: { kind: 'library', family: 'sdtapi' },
} as const;

/** The driver's carrier, as a reader profile gives it. */
export function driverCarrier(channel: Channel): Carrier {
  return carrierOf(readerProfileSchema.parse({ id: channel, name: channel, framing: FRAMINGS[channel] }));
}

/** A reply as the packets that the simulated device sends, now and then in smaller pieces than it has to. */
export function packetsOf(random: Random, channel: Channel, reply: Uint8Array): Packet[] {
  // DK counts fragments in six bits.
  const least = channel === 'dk' ? Math.ceil(reply.length / 60) : 1;
  return DEVICE_ENDS[channel].wrap(reply, random.chance(0.2) ? least + random.below(60) : undefined);
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
