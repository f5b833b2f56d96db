import { CodedError } from '../../../../shared/contract/errors.ts';
import type { DemoCards } from '../../../core/ports/core-ports.ts';
import type { ClockPort } from '../../../core/ports/clock.ts';
import type {
  DeviceAccess,
  DeviceConnection,
  DeviceInfo,
  Packet,
  ReaderDevicePort,
} from '../../../core/ports/reader-device.ts';
import type { ReaderKind } from './device-ends.ts';
import { DEVICE_ENDS, whyNotOpened } from './device-ends.ts';
import type { DemoCard } from './demo-card.ts';
import type { Fault, FaultTrigger } from './faults.ts';
import { createFaultScript, damaged, triggerOf } from './faults.ts';
import { demoPeople } from './people.ts';
import { createSam } from './sam.ts';
import type { RequestFrame } from './sam-wire.ts';
import { cardWords, createRequestDecoder, replyFrame } from './sam-wire.ts';

/** How long the reader takes, milliseconds from the command's last byte to the answer's last byte. */
export interface ReaderLatency {
  find: number;
  select: number;
  /** The whole base read; three fifths before the first report, the rest spread over the reports. */
  read: number;
  appended: number;
  /** Every other command. */
  other: number;
}

/** About what readers in the field take. */
export const DEMO_LATENCY: ReaderLatency = { find: 20, select: 30, read: 700, appended: 30, other: 5 };
export const NO_LATENCY: ReaderLatency = { find: 0, select: 0, read: 0, appended: 0, other: 0 };

/** What `60 00` to `60 04` set a serial reader to. */
const BAUD_RATES = [115_200, 57_600, 38_400, 19_200, 9600];

/** A demonstration runs for weeks and polls five times a second. */
const KEPT_REQUESTS = 1000;

export interface SimulatedReaderOptions {
  clock: ClockPort;
  /** Default: the invented people of `people.ts`. */
  cards?: readonly DemoCard[];
  latency?: ReaderLatency;
  /** How the bytes travel; default 'miaxis'. */
  carrier?: ReaderKind;
  /** Carrier 'uart': the speed it was set to, default 115200; at any other it hears and sends nothing of sense. */
  baudRate?: number;
  /** Carrier 'bulk': the two pipes are read side by side, and bodies are there before their headers. */
  bodyFirst?: boolean;
  /** Whether a card has to be selected before it is read; default true. */
  selectNeeded?: boolean;
  /** How long after power-up or reset the SAM answers 60; default 0. */
  selfTestMs?: number;
  /** It has a power supply of its own: pulling the data cable does not wake the card up again. Default false. */
  ownPower?: boolean;
  /** Smaller slices per packet than the carrier allows, to break answers into more packets. */
  slice?: number;
  /** Whether it is plugged in from the beginning; default true. */
  attached?: boolean;
}

export interface SimulatedReader {
  port: ReaderDevicePort;
  cards: DemoCards;
  faults: {
    add(fault: Fault): void;
    clear(): void;
    unplug(): void;
    plug(): void;
  };
  /** The last thousand requests that arrived, newest last, as `CMD PARA` in hex: what tests look at. */
  requests: string[];
}

/**
 * A card reader made of bytes: behind the same port as a real one it takes packets and answers with packets, on
 * whichever bus it is said to hang, so that everything above the cable is the real program. Cards are laid on it by hand
 * (`cards.place`), and it can be made to fail (`faults`).
 */
export function createSimulatedReader(options: SimulatedReaderOptions): SimulatedReader {
  const { clock, latency = DEMO_LATENCY } = options;
  const kind = options.carrier ?? 'miaxis';
  const end = DEVICE_ENDS[kind];
  const cards = new Map((options.cards ?? demoPeople()).map((card) => [card.id, card]));
  const sam = createSam(clock, {
    selfTestMs: options.selfTestMs ?? 0,
    selectNeeded: options.selectNeeded ?? true,
    antenna: kind === 'miaxis',
  });
  const script = createFaultScript();
  const requests: string[] = [];
  let attached = options.attached ?? true;
  let baudRate = options.baudRate ?? 115_200;
  let open: OpenDevice | null = null;

  const device: DeviceInfo = { ...end.device, product: '演示读卡器', manufacturer: '综窗' };

  const unplug = (): void => {
    attached = false;
    open?.end('unplugged');
  };

  const answer = (link: OpenDevice, frame: RequestFrame): void => {
    const trigger = frame.kind === 'request' ? triggerOf(frame.command, frame.parameter) : 'any';
    if (frame.kind === 'request') requests.push(hexPair(frame.command, frame.parameter));
    if (requests.length > KEPT_REQUESTS) requests.shift();
    const fault = script.take(trigger);
    if (fault?.unplug === 'at-once') unplug();
    if (fault?.lift) sam.lift();
    if (fault?.silent || !attached) return;
    const total = latencyOf(latency, trigger) + (fault?.lateMs ?? 0);
    const thinking = trigger === 'read' ? total * 0.6 : total;
    after(clock, thinking, () => {
      const packets = packetsOf(frame, fault);
      const cutAt = fault?.unplug === 'half-way' ? Math.floor(packets.length / 2) : Infinity;
      const pace = (total - thinking) / packets.length;
      const began = clock.monotonic();
      // One timer at a time: a busy machine lets several run out of order, and no check byte shows it.
      const give = (i: number): void => {
        const packet = packets[i];
        if (!packet) return;
        after(clock, began + pace * (i + 1) - clock.monotonic(), () => {
          if (i === cutAt && open === link) unplug();
          link.give(packet);
          give(i + 1);
        });
      };
      give(0);
    });
  };

  const packetsOf = (frame: RequestFrame, fault: Fault | null): Packet[] => {
    if (fault?.cloudOnly && end.cloudOnly) return end.cloudOnly();
    const packets = end.wrap(damaged(replyTo(frame, fault), fault), options.slice);
    if (fault?.damage === 'envelope') packets.forEach(({ bytes }) => bytes.fill(0x13, 0, 6));
    if (!options.bodyFirst) return packets;
    const [first] = packets;
    return [
      ...packets.filter(({ pipe }) => pipe !== first?.pipe),
      ...packets.filter(({ pipe }) => pipe === first?.pipe),
    ];
  };

  const replyTo = (frame: RequestFrame, fault: Fault | null): Uint8Array => {
    const status = fault?.cloudOnly ? 0x67 : fault?.status;
    if (status !== undefined) return replyFrame(status, undefined, fault?.sw ?? cardWords(status));
    if (frame.kind === 'bad-checksum') return replyFrame(0x10);
    if (frame.kind === 'bad-length') return replyFrame(0x11);
    const { sw3, data } = sam.answer(frame.command, frame.parameter);
    // The answer still goes out at the old speed; nothing is sent after it before the next command.
    if (frame.command === 0x60 && sw3 === 0x90) baudRate = BAUD_RATES[frame.parameter] ?? baudRate;
    return replyFrame(sw3, data, cardWords(sw3));
  };

  const connect = (access: DeviceAccess): OpenDevice => {
    const decoder = createRequestDecoder();
    const input = end.createInput();
    return openDevice(
      access,
      (packet, link) => {
        if (access.bus === 'serial' && access.baudRate !== baudRate) return;
        const bytes = input(packet);
        if (bytes) for (const frame of decoder.push(bytes)) answer(link, frame);
      },
      () => (open = null),
    );
  };

  return {
    requests,
    port: {
      list: (buses) => Promise.resolve(attached && buses.includes(device.bus) ? [device] : []),
      open(path, access) {
        if (!attached || path !== device.path) return Promise.reject(gone('no such device'));
        const refusal = whyNotOpened(end, access);
        if (refusal !== null) return Promise.reject(gone(refusal));
        if (open) return Promise.reject(new CodedError('ID_CARD_READER_BUSY', 'the device is in use'));
        open = connect(access);
        return Promise.resolve(open.connection);
      },
    },
    cards: {
      list: () => [...cards.values()].map(({ id, label }) => ({ id, label })),
      place(id) {
        const card = cards.get(id);
        if (!card) throw new CodedError('WIRE_BAD_INPUT', 'no such demo card');
        sam.place(card);
      },
      lift: () => sam.lift(),
    },
    faults: {
      add: (fault) => script.add(fault),
      clear: () => script.clear(),
      unplug,
      plug() {
        if (attached) return;
        attached = true;
        if (options.ownPower !== true) sam.powerUp();
      },
    },
  };
}

interface OpenDevice {
  connection: DeviceConnection;
  give(packet: Packet): void;
  end(reason: string): void;
}

function openDevice(
  access: DeviceAccess,
  onWrite: (packet: Packet, link: OpenDevice) => void,
  onEnd: () => void,
): OpenDevice {
  let listener: ((packet: Packet) => void) | null = null;
  const closers: ((reason: string) => void)[] = [];
  let ended: string | null = null;
  const link: OpenDevice = {
    give(packet) {
      // A pipe that the computer does not read from keeps what it has.
      if (access.bus === 'usb' && !access.in.includes(packet.pipe)) return;
      if (ended === null) listener?.(packet);
    },
    end(reason) {
      if (ended !== null) return;
      ended = reason;
      onEnd();
      for (const closer of closers) closer(reason);
    },
    connection: {
      async write(packet) {
        await Promise.resolve();
        if (ended !== null) throw gone(ended);
        if (access.bus === 'usb' && !access.out.includes(packet.pipe)) throw gone('no such pipe');
        onWrite(packet, link);
      },
      onPacket(next) {
        listener = next;
      },
      onClosed(closer) {
        if (ended === null) closers.push(closer);
        else closer(ended);
      },
      close() {
        link.end('closed');
        return Promise.resolve();
      },
    },
  };
  return link;
}

function latencyOf(latency: ReaderLatency, trigger: FaultTrigger): number {
  switch (trigger) {
    case 'find':
    case 'select':
    case 'read':
    case 'appended':
      return latency[trigger];
    default:
      return latency.other;
  }
}

/** No latency means: not in the same call, and not later than that. */
function after(clock: ClockPort, ms: number, run: () => void): void {
  if (ms <= 0) queueMicrotask(run);
  else clock.after(ms, run);
}

function gone(reason: string): CodedError {
  return new CodedError('ID_CARD_READER_FAILED', reason);
}

function hexPair(a: number, b: number): string {
  return [a, b].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
