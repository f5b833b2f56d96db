import type { ClockPort } from '../../../core/ports/clock.ts';
import type { DemoCard } from './demo-card.ts';

/**
 * The security module of the simulated reader: which command it takes in which state. What real modules do
 * beyond the documents is not known to us; the choices here are the ones that readers in the field were
 * reported to make (a read card is not found again until it is lifted; out of sequence is 21).
 */
export interface Sam {
  /** A card is laid on the reader; one that lies there is taken away first. */
  place(card: DemoCard): void;
  lift(): void;
  /** Power was lost: the card has to be found again, the self-test runs again. */
  powerUp(): void;
  /** The status and data for a command, worked out when the answer is due: the card may be gone by then. */
  answer(command: number, parameter: number): { sw3: number; data: Uint8Array };
}

/** Where the card is in its life; `read` and `selected` answer presence polls. */
type CardStage = 'idle' | 'found' | 'selected' | 'read';

const NOTHING = new Uint8Array();

export interface SamOptions {
  /** How long after power-up or reset every command gives 60; default 0. */
  selfTestMs?: number;
  /** Whether reading needs a selected card, default true; some modules select by themselves. */
  selectNeeded?: boolean;
  /** Whether it knows the antenna command of one maker; default true. */
  antenna?: boolean;
}

export function createSam(clock: ClockPort, options: SamOptions = {}): Sam {
  const { selfTestMs = 0, selectNeeded = true, antenna = true } = options;
  let poweredAt = clock.monotonic();
  let card: DemoCard | null = null;
  let stage: CardStage = 'idle';

  const ok = (data: Uint8Array = NOTHING): { sw3: number; data: Uint8Array } => ({ sw3: 0x90, data });
  const no = (sw3: number): { sw3: number; data: Uint8Array } => ({ sw3, data: NOTHING });

  /** Whether the card's files may be asked for. */
  const opened = (): boolean =>
    stage === 'selected' || stage === 'read' || (!selectNeeded && stage === 'found');

  const answerCard = (key: number): { sw3: number; data: Uint8Array } => {
    switch (key) {
      case 0x2001: // find
        if (!card) stage = 'idle';
        if (!card || stage === 'read') return no(0x80);
        stage = 'found';
        return { sw3: 0x9f, data: new Uint8Array(4) };
      case 0x2002: // select
        if (!card || stage !== 'found') return no(0x81);
        stage = 'selected';
        return ok(new Uint8Array(8));
      case 0x3001: // read base
      case 0x3010: {
        // read base and fingerprints
        if (!opened()) return no(0x21);
        if (!card) return no(0x41);
        stage = 'read';
        return ok(baseData(card, key === 0x3010));
      }
      case 0x3003: // appended addresses
        if (!opened()) return no(0x21);
        if (!card) return no(0x41);
        return card.appended ? ok(card.appended) : no(0x91);
      case 0x3005: // management number: zeros, as in every published sample
        if (!opened()) return no(0x21);
        return card ? ok(new Uint8Array(28)) : no(0x41);
      default:
        return no(0x21);
    }
  };

  return {
    place(next) {
      card = next;
      stage = 'idle';
    },
    lift() {
      card = null;
    },
    powerUp() {
      stage = 'idle';
      poweredAt = clock.monotonic();
    },
    answer(command, parameter) {
      if (clock.monotonic() - poweredAt < selfTestMs) return no(0x60);
      const key = command * 0x100 + parameter;
      switch (key) {
        case 0x10ff: // reset: the field drops, so the card can be found again
          stage = 'idle';
          poweredAt = clock.monotonic();
          return ok();
        case 0xfa11: // antenna off: the field drops; the next find switches it on again
          if (!antenna) return no(0x21);
          stage = 'idle';
          return ok();
        case 0x11ff: // status
        case 0x61ff: // largest radio block
          return ok();
        case 0x12ff: // SAM number
          return ok(samId());
        default:
          if (command === 0x60 && parameter <= 4) return ok();
          return answerCard(key);
      }
    },
  };
}

/** Lengths big-endian, then text, photo and, when asked for, fingerprints. */
function baseData(card: DemoCard, withFingerprint: boolean): Uint8Array {
  const lengths = [
    card.text.length,
    card.photo.length,
    ...(withFingerprint ? [card.fingerprint.length] : []),
  ];
  return Uint8Array.from([
    ...lengths.flatMap((length) => [length >> 8, length & 0xff]),
    ...card.text,
    ...card.photo,
    ...(withFingerprint ? card.fingerprint : []),
  ]);
}

/** u16, u16, u32, u32, u32, little-endian; printed 05.01-20200101-0001234567-0007654321. */
function samId(): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint16(0, 5, true);
  view.setUint16(2, 1, true);
  [20200101, 1234567, 7654321].forEach((part, i) => view.setUint32(4 + 4 * i, part, true));
  return new Uint8Array(view.buffer);
}
