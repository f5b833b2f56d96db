/** What can be made to go wrong with the simulated reader. */

/** Requests a fault can wait for. */
export const FAULT_TRIGGERS = [
  'any',
  'reset',
  'status',
  'find',
  'select',
  'read',
  'appended',
  'management',
] as const;
export type FaultTrigger = (typeof FAULT_TRIGGERS)[number];

export interface Fault {
  on: FaultTrigger;
  /** How many such requests go wrong; default 1, Infinity for ever. */
  times?: number;
  /** This status instead of the answer. */
  status?: number;
  /** The card's own SW1 and SW2 with that status; without them as a SAM sends them. */
  sw?: readonly [number, number];
  /** The card is taken away as the command arrives; the answer is what the SAM makes of it. */
  lift?: boolean;
  /** A module without a SAM of its own, which decodes in its maker's cloud and turns the command down. */
  cloudOnly?: boolean;
  /** What some handheld modules send in place of an answer when the card was too slow: neither status nor check byte. */
  odd?: boolean;
  /** No answer at all. */
  silent?: boolean;
  /** The answer with a wrong check byte, a wrong length field, its second half missing, or a broken envelope. */
  damage?: 'checksum' | 'length' | 'half' | 'envelope';
  /** These bytes in front of the answer. */
  stray?: Uint8Array;
  /** The cable is pulled when the command arrives, or when half of the answer is out. */
  unplug?: 'at-once' | 'half-way';
  /** So much later than otherwise, milliseconds. */
  lateMs?: number;
}

export interface FaultScript {
  /** Adds a fault; faults wait their turn in the order they were added. */
  add(fault: Fault): void;
  clear(): void;
  /** The fault for this request, used up by one. */
  take(trigger: FaultTrigger): Fault | null;
}

export function createFaultScript(): FaultScript {
  let waiting: { fault: Fault; left: number }[] = [];
  return {
    add: (fault) => void waiting.push({ fault, left: fault.times ?? 1 }),
    clear() {
      waiting = [];
    },
    take(trigger) {
      const entry = waiting.find(({ fault }) => fault.on === 'any' || fault.on === trigger);
      if (!entry) return null;
      entry.left -= 1;
      if (entry.left <= 0) waiting = waiting.filter((other) => other !== entry);
      return entry.fault;
    },
  };
}

/** The trigger a command belongs to. */
export function triggerOf(command: number, parameter: number): FaultTrigger {
  switch (command * 0x100 + parameter) {
    case 0x10ff:
      return 'reset';
    case 0x11ff:
      return 'status';
    case 0x2001:
      return 'find';
    case 0x2002:
      return 'select';
    case 0x3001:
    case 0x3010:
      return 'read';
    case 0x3003:
      return 'appended';
    case 0x3005:
      return 'management';
    default:
      return 'any';
  }
}

/** Ten bytes that begin like a frame of five counted bytes and never end. */
const ODD = Uint8Array.of(0xaa, 0xaa, 0xaa, 0x96, 0x69, 0x00, 0x05, 0x05, 0x05, 0x05);

/** The answer as a fault leaves it. */
export function damaged(answer: Uint8Array, fault: Fault | null): Uint8Array {
  const reply = fault?.odd ? ODD : answer;
  const bytes = Uint8Array.of(...(fault?.stray ?? []), ...reply);
  const begin = fault?.stray?.length ?? 0;
  switch (fault?.damage) {
    case 'checksum':
      bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 0x55;
      return bytes;
    case 'length':
      bytes[begin + 5] = 0xff;
      return bytes;
    case 'half':
      return bytes.slice(0, begin + Math.ceil(reply.length / 2));
    default:
      return bytes;
  }
}
