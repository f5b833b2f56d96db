import { demoPeople } from '../../../../electron/adapters/simulated/card-reader/people.ts';
import { replyFrame } from '../../../../electron/adapters/simulated/card-reader/sam-wire.ts';
import type { CommandName } from '../../../../electron/core/id-card/sam-commands.ts';
import type { Random } from './random.ts';

/** Answers as a reader gives them, with the command they belong to. Built by the simulator's own code. */
export interface Answer {
  command: CommandName;
  sw3: number;
  data: Uint8Array;
  frame: Uint8Array;
}

const people = demoPeople();
/** Frames of cards are the same again and again: built once. */
const cards = people.flatMap((card) => [
  answer('readBase', 0x90, joined([256, 1024], [card.text, card.photo])),
  answer(
    'readBaseWithFingerprint',
    0x90,
    joined([256, 1024, card.fingerprint.length], [card.text, card.photo, card.fingerprint]),
  ),
  ...(card.appended ? [answer('readAppended', 0x90, card.appended)] : []),
]);
const FAILURES = [
  0x10, 0x11, 0x21, 0x23, 0x24, 0x31, 0x32, 0x33, 0x37, 0x3f, 0x40, 0x41, 0x47, 0x60, 0x66, 0x80, 0x81,
];

/** Short answers mostly, as on a real line; every seventh or so carries a card. */
export function anAnswer(random: Random): Answer {
  switch (random.below(14)) {
    case 0:
    case 1:
      return random.pick(cards);
    case 2:
      return answer('readManagement', 0x90, random.bytes(random.pick([24, 28])));
    case 3:
      return answer('samId', 0x90, random.bytes(16));
    case 4:
    case 5:
      return answer('select', 0x90, random.bytes(8));
    case 6:
    case 7:
      return answer('find', 0x9f, new Uint8Array(4));
    case 8:
      // Text with the beginnings of frames in it.
      return answer('readAppended', 0x90, withPreambles(random, random.bytes(280)));
    case 9:
      return answer('samStatus', 0x90, new Uint8Array());
    default:
      return answer(random.pick(['find', 'select', 'readBase']), random.pick(FAILURES), new Uint8Array());
  }
}

function answer(command: CommandName, sw3: number, data: Uint8Array): Answer {
  return { command, sw3, data, frame: replyFrame(sw3, data) };
}

function joined(lengths: number[], parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from([
    ...lengths.flatMap((length) => [length >> 8, length & 0xff]),
    ...parts.flatMap((part) => [...part]),
  ]);
}

const START = [0xaa, 0xaa, 0xaa, 0x96, 0x69];

function withPreambles(random: Random, bytes: Uint8Array): Uint8Array {
  for (let at = random.below(20); at + 8 < bytes.length; at += 8 + random.below(60)) {
    bytes.set(START, at);
    bytes[at + 5] = random.below(17);
  }
  return bytes;
}

export const DAMAGES = [
  'none',
  'cut',
  'drop',
  'duplicate',
  'reorder',
  'corrupt',
  'inject',
  'length',
] as const;
export type Damage = (typeof DAMAGES)[number];

/** Bytes as a bad cable leaves them. */
export function damagedBytes(random: Random, damage: Damage, bytes: Uint8Array): Uint8Array {
  const from = random.below(bytes.length);
  const to = from + 1 + random.below(bytes.length - from);
  switch (damage) {
    case 'none':
      return bytes;
    case 'cut':
      return random.chance(0.8) ? bytes.slice(0, from) : bytes.slice(from);
    case 'drop':
      return concat(bytes.subarray(0, from), bytes.subarray(to));
    case 'duplicate':
      return concat(bytes.subarray(0, to), bytes.subarray(from));
    case 'reorder': {
      const end = to + random.below(bytes.length - to + 1);
      const [a, b] = [bytes.subarray(from, to), bytes.subarray(to, end)];
      return concat(bytes.subarray(0, from), b, a, bytes.subarray(end));
    }
    case 'corrupt': {
      const copy = bytes.slice();
      for (let left = 1 + random.below(4); left > 0; left--) {
        const at = random.below(copy.length);
        copy[at] = (copy[at] ?? 0) ^ (1 + random.below(255));
      }
      return copy;
    }
    case 'inject':
      return concat(bytes.subarray(0, from), noise(random), bytes.subarray(from));
    case 'length': {
      const copy = bytes.slice();
      copy[5] = random.below(20);
      copy[6] = random.below(256);
      return copy;
    }
  }
}

/** What a line brings between frames: anything, and often enough what looks like a frame. */
export function noise(random: Random): Uint8Array {
  switch (random.below(5)) {
    case 0:
      return Uint8Array.from(START);
    case 1:
      return concat(Uint8Array.from(START), Uint8Array.of(random.below(17), random.below(256)));
    case 2:
      return anAnswer(random).frame.slice(0, 1 + random.below(20));
    case 3:
      return new Uint8Array(1 + random.below(12)).fill(0xaa);
    default:
      return random.bytes(1 + random.below(40));
  }
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
