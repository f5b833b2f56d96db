import { mkdirSync, writeSync } from 'node:fs';
import type { Packet } from '../../../../electron/core/ports/reader-device.ts';
import type { Gadget } from './gadget.ts';
import { busybox, createGadget, openWhenThere } from './gadget.ts';
import type { Wire } from './wire.ts';
import { readForEver, writeUnit } from './wire.ts';

/** linux/usb/functionfs.h */
const DESCRIPTORS_V2 = 3;
const STRINGS = 2;
const FULL_AND_HIGH_SPEED = 1 | 2;
/** Bulk packets of a device at full and at high speed. */
const PACKET = { full: 64, high: 512 };
const IN = 0x80;
const LONGEST = 512;
const FOLDER = '/dev/lab-bulk';

/**
 * The pipes of 0400:C35A in the order of its descriptor. The virtual controller has fixed endpoints and hands out the
 * next one that fits, so to the computer they are 81, 02, 86 and 07: 85 it has for interrupts only.
 */
const PIPES = [0x81, 0x02, 0x85, 0x06];

/**
 * A vendor-class USB device with bulk pipes, made with FunctionFS (docs.kernel.org/usb/functionfs.html): the computer
 * reaches it through usbfs, without any driver of the kernel.
 */
export function bulkGadgetWire(device: { vendorId: number; productId: number; name: string }): Wire {
  let gadget: Gadget | null = null;
  let listener: ((packet: Packet) => void) | null = null;
  const files = new Map<number, number>();
  let plugged = false;

  /** Its descriptors are handed to the kernel first; then its endpoints are files. */
  const create = async (): Promise<Gadget> => {
    const created = createGadget(device, { 'ffs.bulk': {} });
    mkdirSync(FOLDER);
    busybox('mount', '-t', 'functionfs', 'bulk', FOLDER);
    const control = await openWhenThere(`${FOLDER}/ep0`);
    writeSync(control, descriptors());
    writeSync(control, strings());
    // Requests to the device itself: there are none to answer, but the kernel wants to be rid of its events.
    readForEver(control, LONGEST, () => undefined);
    for (const [index, pipe] of PIPES.entries()) {
      const file = await openWhenThere(`${FOLDER}/ep${index + 1}`);
      if (pipe & IN) files.set(pipe, file);
      else readForEver(file, LONGEST, (bytes) => listener?.({ bytes, pipe }));
    }
    return created;
  };

  return {
    async plug() {
      gadget ??= await create();
      gadget.bind();
      plugged = true;
    },
    unplug() {
      if (plugged) gadget?.unbind();
      plugged = false;
      return Promise.resolve();
    },
    async send({ bytes, pipe }) {
      const file = files.get(pipe);
      if (file === undefined) throw new Error(`no pipe ${pipe.toString(16)}`);
      if (plugged) await writeUnit(file, bytes);
    },
    onPacket(next) {
      listener = next;
    },
  };
}

function descriptors(): Buffer {
  const one = (packet: number): number[] => [
    ...[9, 4, 0, 0, PIPES.length, 0xff, 0, 0, 1],
    ...PIPES.flatMap((pipe) => [7, 5, pipe, 2, packet & 0xff, packet >> 8, 0]),
  ];
  const body = Buffer.from([...one(PACKET.full), ...one(PACKET.high)]);
  const count = 1 + PIPES.length;
  return Buffer.concat([words(DESCRIPTORS_V2, 20 + body.length, FULL_AND_HIGH_SPEED, count, count), body]);
}

/** One string in one language: the name of the interface. */
function strings(): Buffer {
  const text = Buffer.from('\x09\x04Lab bulk\0', 'latin1');
  return Buffer.concat([words(STRINGS, 16 + text.length, 1, 1), text]);
}

function words(...values: number[]): Buffer {
  const buffer = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) buffer.writeUInt32LE(value, 4 * i);
  return buffer;
}
