import { CodedError } from '../../../../shared/contract/errors.ts';
import type { DemoCards } from '../../../core/ports/core-ports.ts';
import type { ClockPort } from '../../../core/ports/clock.ts';
import type {
  DeviceConnection,
  DeviceInfo,
  Packet,
  ReaderDevicePort,
} from '../../../core/ports/reader-device.ts';
import type { CarrierKind } from './device-carriers.ts';
import { DEVICE_CARRIERS } from './device-carriers.ts';
import type { DemoCard } from './demo-card.ts';
import type { Fault, FaultTrigger } from './faults.ts';
import { createFaultScript, damaged, triggerOf } from './faults.ts';
import { demoPeople } from './people.ts';
import { createSam } from './sam.ts';
import type { RequestFrame } from './sam-wire.ts';
import { createRequestDecoder, replyFrame } from './sam-wire.ts';

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

/** A demonstration runs for weeks and polls five times a second. */
const KEPT_REQUESTS = 1000;

export interface SimulatedReaderOptions {
  clock: ClockPort;
  /** Default: the invented people of `people.ts`. */
  cards?: readonly DemoCard[];
  latency?: ReaderLatency;
  /** How the bytes travel; default 'miaxis'. */
  carrier?: CarrierKind;
  /** How long after power-up or reset the SAM answers 60; default 0. */
  selfTestMs?: number;
  /** Smaller slices per report than the carrier allows, to break answers into more reports. */
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
 * A card reader made of bytes: behind the same port as a real one it takes output reports and answers with
 * input reports, so that everything above the USB cable is the real program. Cards are laid on it by hand
 * (`cards.place`), and it can be made to fail (`faults`).
 */
export function createSimulatedReader(options: SimulatedReaderOptions): SimulatedReader {
  const { clock, latency = DEMO_LATENCY } = options;
  const carrier = DEVICE_CARRIERS[options.carrier ?? 'miaxis'];
  const cards = new Map((options.cards ?? demoPeople()).map((card) => [card.id, card]));
  const sam = createSam(clock, options.selfTestMs ?? 0);
  const script = createFaultScript();
  const requests: string[] = [];
  let attached = options.attached ?? true;
  let open: OpenDevice | null = null;

  const device: DeviceInfo = {
    bus: 'hid',
    path: 'simulated',
    vendorId: carrier.vendorId,
    productId: carrier.productId,
    usagePage: 0xff00,
    usage: 1,
    product: '演示读卡器',
    manufacturer: '综窗',
  };

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
    if (fault?.silent || !attached) return;
    const total = latencyOf(latency, trigger) + (fault?.lateMs ?? 0);
    const thinking = trigger === 'read' ? total * 0.6 : total;
    after(clock, thinking, () => {
      const reply = replyTo(frame, fault);
      const reports = carrier.wrap(damaged(reply, fault), options.slice);
      if (fault?.damage === 'envelope') reports.forEach((report) => report.fill(0x13, 0, 6));
      const cutAt = fault?.unplug === 'half-way' ? Math.floor(reports.length / 2) : Infinity;
      const pace = (total - thinking) / reports.length;
      reports.forEach((report, i) => {
        after(clock, pace * (i + 1), () => {
          if (i === cutAt && open === link) unplug();
          link.report(report);
        });
      });
    });
  };

  const replyTo = (frame: RequestFrame, fault: Fault | null): Uint8Array => {
    if (fault?.status !== undefined) return replyFrame(fault.status);
    if (frame.kind === 'bad-checksum') return replyFrame(0x10);
    if (frame.kind === 'bad-length') return replyFrame(0x11);
    const { sw3, data } = sam.answer(frame.command, frame.parameter);
    return replyFrame(sw3, data);
  };

  const connect = (): OpenDevice => {
    const decoder = createRequestDecoder();
    return openDevice(
      (report, link) => {
        const bytes = carrier.open(report);
        if (bytes) for (const frame of decoder.push(bytes)) answer(link, frame);
      },
      () => (open = null),
    );
  };

  return {
    requests,
    port: {
      list: (buses) => Promise.resolve(attached && buses.includes(device.bus) ? [device] : []),
      open(path) {
        if (!attached || path !== device.path) return Promise.reject(gone('no such device'));
        if (open) return Promise.reject(gone('the device is in use'));
        open = connect();
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
        sam.powerUp();
      },
    },
  };
}

interface OpenDevice {
  connection: DeviceConnection;
  report(bytes: Uint8Array): void;
  end(reason: string): void;
}

function openDevice(onWrite: (report: Uint8Array, link: OpenDevice) => void, onEnd: () => void): OpenDevice {
  let listener: ((packet: Packet) => void) | null = null;
  const closers: ((reason: string) => void)[] = [];
  let ended: string | null = null;
  const link: OpenDevice = {
    report(bytes) {
      if (ended === null) listener?.({ bytes, pipe: 0 });
    },
    end(reason) {
      if (ended !== null) return;
      ended = reason;
      onEnd();
      for (const closer of closers) closer(reason);
    },
    connection: {
      async write({ bytes }) {
        await Promise.resolve();
        if (ended !== null) throw gone(ended);
        onWrite(bytes, link);
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
