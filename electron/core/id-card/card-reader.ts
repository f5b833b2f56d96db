import { createHash, randomUUID } from 'node:crypto';
import type { CardRead, ReaderState } from '../../../shared/contract/card.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { CardDocument } from '../../../shared/domain/card/document.ts';
import { parseFingerprints } from '../../../shared/domain/card/fingerprint.ts';
import { parseManagementNumber } from '../../../shared/domain/card/management-number.ts';
import { parseCardText, parseLatestAddress } from '../../../shared/domain/card/parse-card-text.ts';
import { localDay } from '../local-time.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { DeviceInfo, ReaderDevicePort } from '../ports/reader-device.ts';
import type { LogPort } from '../ports/log.ts';
import type { FrameLog } from './admin/frame-log.ts';
import type { AttemptResult } from './card-attempt.ts';
import type { ReaderProfile } from './reader-profile.ts';
import { runReaderSession } from './reader-session.ts';
import type { ReaderMode } from './reader-supervisor.ts';
import { superviseReader } from './reader-supervisor.ts';
import { createSamLink } from './sam-link.ts';
import { unsupportedReason } from './unsupported-readers.ts';
import { within } from './wait.ts';

/** A card found again so soon, and never certain to have been lifted, is the same laying-down. */
const SAME_CARD_MS = 10_000;
const STOP_LIMIT_MS = 3000;

export interface CardReaderOptions {
  clock: ClockPort;
  log: LogPort;
  /** Real devices. */
  devices: ReaderDevicePort;
  /** The simulated reader. */
  demoReader: ReaderDevicePort;
  /** The simulated reader only, real ones only, or a real one if attached, else the simulated one. */
  mode: ReaderMode;
  profiles: readonly ReaderProfile[];
  /** The setting `reader.profile`, see `ReaderChoice`. */
  profile?: string;
  /** Whether the appended address is read with the card; default true. */
  readLatestAddress?: boolean;
  /** Whether the fingers in the card are told; default false. Their templates are wiped as soon as they are here. */
  readFingerprint?: boolean;
  /** Whether the card's management number is told; default false. */
  readManagement?: boolean;
  /** Where the frames of this reader are written down. */
  frames?: FrameLog;
}

/** What a borrower of the reader gets of the next card. */
export interface BorrowedRead {
  document: CardDocument;
  photoBytes: number;
  fingerprintBytes: number;
  /** Wall clock, milliseconds since 1970. */
  lastByteAt: number;
}

export interface CardReader {
  status(): ReaderState;
  /** @returns the closer */
  onState(listener: (state: ReaderState) => void): () => void;
  /** @returns the closer */
  onRead(listener: (read: CardRead) => void): () => void;
  /**
   * The photo of a card whose text has just been told, as the card holds it, or null when it gave none.
   * The bytes are wiped when the listeners have returned.
   * @returns the closer
   */
  onPhoto(listener: (readId: string, wlt: Uint8Array | null) => void): () => void;
  /** The real device that is in use or being tried; null for none and for the simulated one. */
  device(): DeviceInfo | null;
  /**
   * The next card goes to this listener and to nobody else, also one that lies there already; where it stays
   * on the reader it is nobody else's until it has been lifted.
   * @returns the closer
   * @throws CodedError ID_CARD_READER_BUSY when somebody has borrowed it
   */
  borrow(listener: (read: BorrowedRead) => void): () => void;
  /** Begins to look for a reader; resolves at once. */
  start(): Promise<void>;
  /** Closes the reader; resolves within 3 s. */
  stop(): Promise<void>;
  /** Changes what kind of reader is used, closing the present one first. */
  setMode(mode: ReaderMode, profile?: string): Promise<void>;
}

/** The reader on this desk: where the card is, and what was read. One per machine. */
export function createCardReader(options: CardReaderOptions): CardReader {
  const { clock, log } = options;
  const stateListeners = new Set<(state: ReaderState) => void>();
  const readListeners = new Set<(read: CardRead) => void>();
  const photoListeners = new Set<(photo: { readId: string; wlt: Uint8Array | null }) => void>();
  let state: ReaderState = { phase: 'absent', reader: null, since: clock.now() };
  let mode = options.mode;
  let choice = options.profile;
  let run: { abort: AbortController; done: Promise<void> } | null = null;
  /** Stopping and changing the mode take turns, so that a device is never opened twice. */
  let turn: Promise<void> = Promise.resolve();
  /** The last card delivered, known by its hash only, so that a card left lying is one event. */
  let lastCard: { hash: string; seenAt: number; lifted: boolean } | null = null;
  let device: DeviceInfo | null = null;
  let borrower: ((read: BorrowedRead) => void) | null = null;
  /** The card on the reader was a borrower's: nobody else hears of it until it has been lifted. */
  let withheld = false;
  /** A borrower wants the card that lies there. */
  let again = false;
  /** The last thing known of a card is that it was being read. */
  let brokeOff = false;

  const enter = (phase: ReaderState['phase'], reader: ReaderState['reader'], error?: string): void => {
    const same = state.phase === phase && state.error === error && sameReader(state.reader, reader);
    if (same) return;
    state = { phase, ...(error === undefined ? {} : { error }), reader, since: clock.now() };
    tell(stateListeners, state, log);
  };

  /** @returns whether this is a new event */
  const deliver = (result: Extract<AttemptResult, { outcome: 'read' }>): boolean => {
    const { payload, appended, management, lastByteAt } = result;
    const hash = createHash('sha256').update(payload.text).digest('base64');
    const known =
      lastCard?.hash === hash && !lastCard.lifted && clock.monotonic() - lastCard.seenAt < SAME_CARD_MS;
    lastCard = { hash, seenAt: clock.monotonic(), lifted: false };
    const to = borrower;
    if (to || !known) {
      const document = parseCardText(payload.text, localDay(lastByteAt));
      if (appended) document.latestAddress = parseLatestAddress(appended);
      const [photoBytes, fingerprintBytes] = [payload.photo?.length ?? 0, payload.fingerprint?.length ?? 0];
      const readId = randomUUID();
      if (to) {
        tell(new Set([to]), { document, photoBytes, fingerprintBytes, lastByteAt }, log);
      } else if (!withheld) {
        tell(
          readListeners,
          { readId, document, lastByteAt, ...besides(payload.fingerprint, management) },
          log,
        );
      }
      // A test read tries the decoder, too; its reading is nobody's, so no applicant gets the portrait.
      if (to || !withheld) tell(photoListeners, { readId, wlt: payload.photo }, log);
    }
    if (to) withheld = true;
    for (const bytes of [payload.text, payload.photo, payload.fingerprint, appended, management])
      bytes?.fill(0);
    return to !== null || !known;
  };

  const saidUnsupported = new Set<string>();
  /** Once per device and run: somebody sees a reader on the desk and wonders. */
  const sayUnsupported = (device: DeviceInfo): void => {
    const reason = unsupportedReason(device);
    if (reason === null || saidUnsupported.has(reason)) return;
    saidUnsupported.add(reason);
    log.write('warning', 'id-card', 'a reader is attached that cannot be used', { reason });
  };

  const launch = (): void => {
    const abort = new AbortController();
    const { signal } = abort;
    enter('connecting', null);
    const done = superviseReader({
      ...options,
      mode,
      choice,
      signal,
      unknown: sayUnsupported,
      target: (found) => (device = found),
      enter: (phase, reader, error) => {
        if (!signal.aborted) enter(phase, reader, error);
      },
      session: (connected) => {
        const { exchange, profile, reader } = connected;
        const say = (phase: ReaderState['phase'], error?: string): void => {
          if (phase === 'waiting') connected.works();
          // A card that was withheld has gone, or another one has come.
          if (phase === 'waiting' || phase === 'reading') withheld = false;
          brokeOff = phase === 'reading';
          if (!signal.aborted) enter(phase, reader, error);
        };
        return runReaderSession({
          sam: createSamLink({ exchange, profile, clock, log, signal: connected.signal }),
          profile,
          clock,
          log,
          signal: connected.signal,
          readLatestAddress: options.readLatestAddress ?? true,
          readFingerprint: options.readFingerprint ?? false,
          readManagement: options.readManagement ?? false,
          enter: say,
          interrupted: brokeOff,
          readAgain: () => {
            const wanted = again;
            again = false;
            return wanted;
          },
          deliver: (result) => say(deliver(result) ? 'read' : 'lift'),
          note: (seen) => {
            if (lastCard) lastCard = { ...lastCard, seenAt: clock.monotonic(), lifted: seen === 'lifted' };
          },
        });
      },
    }).catch((error: unknown) =>
      log.write('error', 'id-card', 'the reader logic failed', { reason: String(error) }),
    );
    run = { abort, done };
  };

  const halt = async (): Promise<void> => {
    const ending = run;
    run = null;
    if (!ending) return;
    ending.abort.abort();
    await within(clock, STOP_LIMIT_MS, ending.done, () => new Error('the reader did not stop in time')).catch(
      (error: unknown) => log.write('error', 'id-card', String(error)),
    );
  };

  const inTurn = (step: () => Promise<void>): Promise<void> => {
    turn = turn.then(step);
    return turn;
  };

  return {
    status: () => state,
    onState: (listener) => subscribe(stateListeners, listener),
    onRead: (listener) => subscribe(readListeners, listener),
    onPhoto: (listener) => subscribe(photoListeners, ({ readId, wlt }) => listener(readId, wlt)),
    device: () => device,
    borrow(listener) {
      if (borrower) throw new CodedError('ID_CARD_READER_BUSY', 'a test read is running');
      // A function of its own, so that closing twice ends no later borrowing.
      const entry = (read: BorrowedRead): void => listener(read);
      borrower = entry;
      again = state.phase === 'read' || state.phase === 'lift';
      return () => {
        if (borrower !== entry) return;
        borrower = null;
        again = false;
        withheld ||= state.phase !== 'waiting';
      };
    },
    start() {
      return inTurn(() => {
        warmUp();
        if (!run) launch();
        return Promise.resolve();
      });
    },
    stop() {
      return inTurn(async () => {
        await halt();
        device = null;
        enter('absent', null);
      });
    },
    setMode(newMode, profile) {
      return inTurn(async () => {
        mode = newMode;
        choice = profile;
        if (!run) return;
        await halt();
        launch();
      });
    },
  };
}

function subscribe<T>(listeners: Set<(value: T) => void>, listener: (value: T) => void): () => void {
  // A wrapper of its own, so that one function subscribed twice is heard twice and closed once.
  const entry = (value: T): void => listener(value);
  listeners.add(entry);
  return () => void listeners.delete(entry);
}

/** The first card of the day is not to wait for code to be compiled and random numbers to be gathered. */
function warmUp(): void {
  for (let i = 0; i < 20; i++) {
    const blank = new Uint8Array(256).fill(i);
    parseCardText(blank, localDay(0));
    parseLatestAddress(blank);
    createHash('sha256').update(blank).digest('base64');
    randomUUID();
  }
}

/** A listener that throws must not stop the reader, nor the other listeners. */
function tell<T>(listeners: Set<(value: T) => void>, value: T, log: LogPort): void {
  for (const listener of [...listeners]) {
    try {
      listener(value);
    } catch (error) {
      log.write('error', 'id-card', 'a listener of the card reader failed', { reason: String(error) });
    }
  }
}

function sameReader(a: ReaderState['reader'], b: ReaderState['reader']): boolean {
  return a?.name === b?.name && a?.profile === b?.profile && a?.demo === b?.demo;
}

/** What is told of a card only when it was asked for. */
function besides(
  fingerprint: Uint8Array | null,
  management: Uint8Array | null,
): Pick<CardRead, 'fingerprints' | 'management'> {
  const number = management && parseManagementNumber(management);
  return {
    ...(fingerprint && { fingerprints: parseFingerprints(fingerprint) }),
    ...(number && { management: number }),
  };
}
