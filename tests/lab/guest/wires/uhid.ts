import { openSync, writeSync } from 'node:fs';
import type { Packet } from '../../../../electron/core/ports/reader-device.ts';
import type { Wire } from './wire.ts';
import { readForEver } from './wire.ts';

/** Event types and the size of `struct uhid_event`: linux/uhid.h. */
const DESTROY = 1;
const OUTPUT = 6;
const GET_REPORT = 9;
const GET_REPORT_REPLY = 10;
const CREATE2 = 11;
const INPUT2 = 12;
const SET_REPORT = 13;
const SET_REPORT_REPLY = 14;
const EVENT_SIZE = 4 + 4372;
const BUS_USB = 3;
/** "Not possible", as the answer to requests readers do not have. */
const EIO = 5;

export interface UhidDevice {
  vendorId: number;
  productId: number;
  name: string;
  descriptor: Buffer;
}

/** A HID device made by a program: everything above the USB cable is the kernel's, from its HID core on. */
export function uhidWire(device: UhidDevice): Wire {
  const file = openSync('/dev/uhid', 'r+');
  let listener: ((packet: Packet) => void) | null = null;
  let plugged = false;

  const put = (type: number, payload: Uint8Array): void => {
    const event = Buffer.alloc(4 + payload.length);
    event.writeUInt32LE(type, 0);
    event.set(payload, 4);
    writeSync(file, event);
  };

  readForEver(file, EVENT_SIZE, (event) => {
    const type = event.readUInt32LE(0);
    if (type === OUTPUT) {
      const size = event.readUInt16LE(4 + 4096);
      // Devices without report ids are given the leading id byte 0 as well, which no cable would carry.
      listener?.({ bytes: Uint8Array.from(event.subarray(5, 4 + size)), pipe: 0 });
    }
    if (type === GET_REPORT || type === SET_REPORT) {
      const reply = Buffer.alloc(type === GET_REPORT ? 8 : 6);
      event.copy(reply, 0, 4, 8);
      reply.writeUInt16LE(EIO, 4);
      put(type === GET_REPORT ? GET_REPORT_REPLY : SET_REPORT_REPLY, reply);
    }
  });

  return {
    plug() {
      put(CREATE2, creation(device));
      plugged = true;
      return Promise.resolve();
    },
    unplug() {
      if (plugged) put(DESTROY, new Uint8Array());
      plugged = false;
      return Promise.resolve();
    },
    send({ bytes }) {
      if (plugged) {
        const input = Buffer.alloc(2 + bytes.length);
        input.writeUInt16LE(bytes.length, 0);
        input.set(bytes, 2);
        put(INPUT2, input);
      }
      return Promise.resolve();
    },
    onPacket(next) {
      listener = next;
    },
  };
}

/** `struct uhid_create2_req`: name, place, serial number, descriptor's length, bus, ids, version, country, descriptor. */
function creation({ name, vendorId, productId, descriptor }: UhidDevice): Buffer {
  const fixed = Buffer.alloc(128 + 64 + 64 + 2 + 2 + 16);
  fixed.write(name, 0, 127);
  let at = 128 + 64 + 64;
  at = fixed.writeUInt16LE(descriptor.length, at);
  at = fixed.writeUInt16LE(BUS_USB, at);
  at = fixed.writeUInt32LE(vendorId, at);
  at = fixed.writeUInt32LE(productId, at);
  fixed.writeUInt32LE(0x0100, at);
  return Buffer.concat([fixed, descriptor]);
}
