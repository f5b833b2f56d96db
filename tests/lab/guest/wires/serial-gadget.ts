import { closeSync, readFileSync } from 'node:fs';
import type { Packet } from '../../../../electron/core/ports/reader-device.ts';
import type { Gadget } from './gadget.ts';
import { busybox, createGadget, openWhenThere } from './gadget.ts';
import type { Wire } from './wire.ts';
import { readForEver, writeUnit } from './wire.ts';

const LONGEST = 4096;

/** A serial line over USB (CDC ACM), as in readers with a built-in adapter: on the computer it is `/dev/ttyACM0`. */
export function serialGadgetWire(device: { vendorId: number; productId: number; name: string }): Wire {
  let gadget: Gadget | null = null;
  let listener: ((packet: Packet) => void) | null = null;
  let line: { file: number; stop(): void } | null = null;

  return {
    async plug() {
      gadget ??= createGadget(device, { 'acm.line': {} });
      gadget.bind();
      const port = readFileSync(`${gadget.function('acm.line')}/port_num`, 'utf8').trim();
      const path = `/dev/ttyGS${port}`;
      const file = await openWhenThere(path);
      // Bytes as they are: no echo, no line ends.
      busybox('stty', '-F', path, 'raw', '-echo');
      line = { file, stop: readForEver(file, LONGEST, (bytes) => listener?.({ bytes, pipe: 0 })) };
    },
    unplug() {
      if (!line) return Promise.resolve();
      line.stop();
      const { file } = line;
      line = null;
      gadget?.unbind();
      // The kernel has hung the line up: the file is of no more use.
      closeSync(file);
      return Promise.resolve();
    },
    async send({ bytes }) {
      if (line) await writeUnit(line.file, bytes);
    },
    onPacket(next) {
      listener = next;
    },
  };
}
