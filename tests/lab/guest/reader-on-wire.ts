import type { DeviceAccess, DeviceConnection, Packet } from '../../../electron/core/ports/reader-device.ts';
import type { DemoCards } from '../../../electron/core/ports/core-ports.ts';
import { createSystemClock } from '../../../electron/adapters/node/clock.ts';
import { demoPeople } from '../../../electron/adapters/simulated/card-reader/people.ts';
import {
  createSimulatedReader,
  DEMO_LATENCY,
} from '../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import type {
  SimulatedReader,
  SimulatedReaderOptions,
} from '../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import type { Wire } from './wires/wire.ts';

/** What the self-check spoils: a byte of every card (its frames are right), or one of every long answer's packets. */
export type Break = 'card' | 'wire' | null;

/** A reader as the lab's hand sees it. */
export interface LabReader {
  cards: DemoCards;
  faults: SimulatedReader['faults'];
  requests: string[];
  plug(): Promise<void>;
  unplug(): Promise<void>;
  /** Packets of the longest answer since this was asked last. */
  longestAnswer(): number;
}

/** How the shim takes the simulator into its hands: as the shipped profiles open such devices. */
const ACCESS: Readonly<Record<DeviceAccess['bus'], DeviceAccess>> = {
  hid: { bus: 'hid' },
  usb: { bus: 'usb', interface: 0, out: [0x02, 0x06], in: [0x81, 0x85] },
  serial: { bus: 'serial', baudRate: 115_200 },
  library: { bus: 'library', family: 'sdtapi', port: 1001 },
};

/** Only an answer with the card's data has so many packets. */
const SPOILED_PACKET = 5;
const SPOILED_BYTE = 20;

/**
 * Puts the project's simulated reader behind a device of the kernel: what the computer writes becomes the
 * simulator's input, what it answers becomes the device's packets, and a pulled cable is pulled in the kernel.
 */
export function readerOnWire(
  wire: Wire,
  options: Pick<SimulatedReaderOptions, 'carrier'>,
  broken: Break,
): LabReader {
  const simulator = createSimulatedReader({
    clock: createSystemClock(),
    latency: DEMO_LATENCY,
    attached: false,
    cards: demoPeople().map((card) => (broken === 'card' ? { ...card, text: flipped(card.text, 0) } : card)),
    ...options,
  });
  let connection: DeviceConnection | null = null;
  /** Everything the device does happens in order: a cable is pulled after what was sent before. */
  let turn: Promise<void> = Promise.resolve();
  let answer = 0;
  let longest = 0;

  const inTurn = (step: () => Promise<void>): Promise<void> => {
    turn = turn.then(step).catch((error: unknown) => console.log(`LAB-NOTE wire: ${String(error)}`));
    return turn;
  };

  const send = (packet: Packet): void => {
    answer += 1;
    longest = Math.max(longest, answer);
    const spoil = broken === 'wire' && answer === SPOILED_PACKET;
    const sent = spoil ? { ...packet, bytes: flipped(packet.bytes, SPOILED_BYTE) } : packet;
    void inTurn(() => wire.send(sent));
  };

  const connect = async (): Promise<void> => {
    const [device] = await simulator.port.list(['hid', 'usb', 'serial']);
    if (!device) throw new Error('the simulated reader is not there');
    connection = await simulator.port.open(device.path, ACCESS[device.bus]);
    connection.onPacket(send);
    connection.onClosed(() => {
      connection = null;
      void inTurn(() => wire.unplug());
    });
  };

  wire.onPacket((packet) => {
    answer = 0;
    connection?.write(packet, 1000).catch(() => undefined);
  });

  return {
    cards: simulator.cards,
    faults: simulator.faults,
    requests: simulator.requests,
    async plug() {
      simulator.faults.plug();
      await connect();
      await inTurn(() => wire.plug());
    },
    async unplug() {
      simulator.faults.unplug();
      await turn;
    },
    longestAnswer() {
      const packets = longest;
      longest = 0;
      return packets;
    },
  };
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0x01;
  return copy;
}
