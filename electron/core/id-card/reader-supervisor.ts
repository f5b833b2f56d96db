import { CodedError } from '../../../shared/contract/errors.ts';
import type { ErrorCode } from '../../../shared/contract/errors.ts';
import type { ReaderState } from '../../../shared/contract/card.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { DeviceInfo, ReaderDevicePort } from '../ports/reader-device.ts';
import type { LogPort } from '../ports/log.ts';
import type { FrameLog } from './admin/frame-log.ts';
import type { ReaderCandidate } from './choose-reader.ts';
import { busesToList, chooseReader, namesAProfile } from './choose-reader.ts';
import type { Exchange } from './exchange.ts';
import { openReader } from './open-reader.ts';
import type { ReaderProfile } from './reader-profile.ts';
import { isBearable } from './sam-link.ts';
import { wait, within } from './wait.ts';

export type ReaderMode = 'auto' | 'demo' | 'real';

/** Without a reader the attached devices are listed so often. */
const LIST_MS = 1000;
/** While the simulated reader stands in, a real one is looked for so often. */
const TAKE_OVER_MS = 2000;
/** A real reader that went away is given so long to come back before the simulated one stands in. */
const GRACE_MS = 5000;
/** After a failure: first pause, doubled up to the longest. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 5000;
/** A connection that lasted so long was a good one: the next failure starts with the first pause again. */
const GOOD_AFTER_MS = 10_000;
const LIST_LIMIT_MS = 8000;
const OPEN_LIMIT_MS = 5000;

export interface SupervisorPorts {
  clock: ClockPort;
  log: LogPort;
  devices: ReaderDevicePort;
  demoReader: ReaderDevicePort;
  profiles: readonly ReaderProfile[];
  mode: ReaderMode;
  /** The setting `reader.profile`, see {@link chooseReader}. */
  choice: string | undefined;
  signal: AbortSignal;
  enter: (phase: ReaderState['phase'], reader: ReaderState['reader'], error?: ErrorCode) => void;
  /** Told of every attached device that is not taken for a reader. */
  unknown: (device: DeviceInfo) => void;
  /** The real device that is used or tried now; null when there is none. */
  target?: (device: DeviceInfo | null) => void;
  frames?: FrameLog;
  /** Lives on a connected reader until the signal or a failure (which it throws). */
  session(connected: {
    exchange: Exchange;
    profile: ReaderProfile;
    reader: NonNullable<ReaderState['reader']>;
    signal: AbortSignal;
    /** To be called when the reader has shown that it understands this profile. */
    works(): void;
  }): Promise<void>;
}

interface Target extends ReaderCandidate {
  port: ReaderDevicePort;
  demo: boolean;
}

/**
 * Keeps a reader connected: finds it, opens it, runs the session, and after a failure does so again with
 * growing pauses. In mode 'auto' a real known reader goes before the simulated one, also when it is plugged
 * in later; the read in progress is finished first. Returns when the signal is aborted, never throws.
 */
export async function superviseReader(ports: SupervisorPorts): Promise<void> {
  const { clock, log, signal, mode, enter } = ports;
  const stopped = (): boolean => signal.aborted;
  if (!namesAProfile(ports.choice, ports.profiles))
    log.write('warning', 'id-card', 'the setting reader.profile names no profile', { choice: ports.choice });
  let pause = FIRST_PAUSE_MS;
  let realSeenAt: number | null = null;
  /** Why the reader does not work stays on the screen while it is tried again and again. */
  let lastError: ErrorCode | undefined;
  let lastReader: ReaderState['reader'] = null;
  const works = (): void => {
    lastError = undefined;
  };

  while (!stopped()) {
    const found = mode === 'demo' ? null : await findReal(ports);
    if (stopped()) return;
    // A desk that has a reader is given no simulated one because the driver of its own crashed.
    if (found === 'crashed' && (mode === 'real' || realSeenAt !== null)) {
      ports.target?.(null);
      lastError = 'ID_CARD_DRIVER_CRASHED';
      enter('error', lastReader, lastError);
      await wait(clock, LIST_MS, signal);
      continue;
    }
    const real = found === 'crashed' ? null : found;
    if (real) realSeenAt = clock.monotonic();
    const mayStandIn = realSeenAt === null || clock.monotonic() - realSeenAt >= GRACE_MS;
    const target =
      real ?? (mode === 'demo' || (mode === 'auto' && mayStandIn) ? await findDemo(ports) : null);
    if (stopped()) return;
    ports.target?.(target && !target.demo ? target.device : null);
    if (!target) {
      lastError = undefined;
      pause = FIRST_PAUSE_MS;
      enter('absent', null, 'ID_CARD_READER_MISSING');
      await wait(clock, LIST_MS, signal);
      continue;
    }
    const reader = { name: nameOf(target), profile: target.profiles[0]?.id ?? '', demo: target.demo };
    if (!target.demo) lastReader = reader;
    const connectedAt = clock.monotonic();
    try {
      enter(phaseOf(lastError), reader, lastError);
      await connect(target, ports, works);
    } catch (error) {
      if (stopped()) return;
      lastError = readerError(error);
      log.write('warning', 'id-card', 'the reader failed', { reader: reader.profile, reason: String(error) });
      enter(phaseOf(lastError), reader, lastError);
      if (clock.monotonic() - connectedAt >= GOOD_AFTER_MS) pause = FIRST_PAUSE_MS;
      await wait(clock, phaseOf(lastError) === 'error' ? LONGEST_PAUSE_MS : pause, signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      continue;
    }
    pause = FIRST_PAUSE_MS;
  }
}

/** Failures that somebody has to do something about. */
const LASTING: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode>([
  'ID_CARD_READER_NOT_AUTHORISED',
  'ID_CARD_READER_BUSY',
  'ID_CARD_NO_PERMISSION',
  'ID_CARD_DRIVER_MISSING',
  'ID_CARD_DRIVER_32BIT',
  'ID_CARD_DRIVER_CRASHED',
  'ID_CARD_CLOUD_ONLY',
  'ID_CARD_SELF_TEST',
]);

/** A reader that refuses to work will not be better in a second: that is an error, not a connecting. */
function phaseOf(error: ErrorCode | undefined): ReaderState['phase'] {
  return isLasting(error) ? 'error' : 'connecting';
}

/** No answer, or a senseless one, while no card is being read is the reader's fault: no card has to be lifted. */
function readerError(error: unknown): ErrorCode {
  if (isBearable(error) || !(error instanceof CodedError)) return 'ID_CARD_READER_FAILED';
  return error.code;
}

/** Whether this failure is the reader's own and stays until somebody does something. */
export function isLasting(error: ErrorCode | undefined): boolean {
  return LASTING.has(error);
}

/** Opens the device and runs a session on it, once for every profile to try; only the last failure is thrown. */
async function connect(target: Target, ports: SupervisorPorts, works: () => void): Promise<void> {
  const { signal } = ports;
  // Not AbortSignal.any: a signal that lives for weeks would keep a trace of every connection (Node 20).
  const until = new AbortController();
  const stop = (): void => until.abort();
  signal.addEventListener('abort', stop, { once: true });
  const cancelLook = target.demo && ports.mode === 'auto' ? lookForReal(ports, until) : () => undefined;
  let failure: unknown = new CodedError('ID_CARD_READER_FAILED', 'no profile to try');
  /** The reader has answered or is gone: no other profile need be tried. */
  const settled = new AbortController();
  const understood = (): void => {
    settled.abort();
    works();
  };
  try {
    for (const profile of target.profiles) {
      try {
        await tryProfile(target, profile, { ports, until: until.signal, settled, works: understood });
        return;
      } catch (error) {
        failure = error;
        if (settled.signal.aborted || until.signal.aborted) break;
        // It has answered that it will not work, or cannot be opened at all: no other profile would say so better.
        if (error instanceof CodedError && isLasting(error.code)) break;
      }
    }
    throw failure;
  } finally {
    signal.removeEventListener('abort', stop);
    cancelLook();
  }
}

async function tryProfile(
  target: Target,
  profile: ReaderProfile,
  attempt: { ports: SupervisorPorts; until: AbortSignal; settled: AbortController; works: () => void },
): Promise<void> {
  const { ports, until, settled, works } = attempt;
  const { clock, log, signal } = ports;
  const { frames } = ports;
  const { connection, exchange } = await openReader(
    { port: target.port, clock, log, signal, ...(frames ? { frames } : {}) },
    target.device.path,
    profile,
    OPEN_LIMIT_MS,
  );
  let closing = false;
  connection.onClosed(() => {
    if (!closing) settled.abort();
  });
  const cut = (): void => void exchange.close().catch(() => undefined);
  // A stop cuts a read in progress off; handing over to a real reader (`until`) lets it end.
  signal.addEventListener('abort', cut, { once: true });
  try {
    const reader = { name: nameOf(target), profile: profile.id, demo: target.demo };
    await ports.session({ exchange, profile, reader, signal: until, works });
  } finally {
    closing = true;
    signal.removeEventListener('abort', cut);
    await within(clock, OPEN_LIMIT_MS, connection.close(), () => new Error('close took too long')).catch(
      (error: unknown) =>
        log.write('warning', 'id-card', 'the reader was not closed', { reason: String(error) }),
    );
  }
}

/** Watches for a real reader while the simulated one is in use. @returns the closer */
function lookForReal(ports: SupervisorPorts, handedOver: AbortController): () => void {
  const ended = new AbortController();
  const look = async (): Promise<void> => {
    while (await wait(ports.clock, TAKE_OVER_MS, ended.signal)) {
      const found = await findReal(ports);
      if (!found || found === 'crashed') continue;
      ports.log.write('info', 'id-card', 'a real reader takes over from the simulated one');
      handedOver.abort();
      return;
    }
  };
  void look();
  return () => ended.abort();
}

async function findReal(ports: SupervisorPorts): Promise<Target | 'crashed' | null> {
  const devices = await listed(ports.devices, ports);
  if (devices === 'crashed') return devices;
  const candidate = chooseReader(devices, ports.profiles, ports.choice);
  if (!candidate) devices.forEach(ports.unknown);
  return candidate && { ...candidate, port: ports.devices, demo: false };
}

async function findDemo(ports: SupervisorPorts): Promise<Target | null> {
  const devices = await listed(ports.demoReader, ports);
  const candidate = devices === 'crashed' ? null : chooseReader(devices, ports.profiles);
  return candidate && { ...candidate, port: ports.demoReader, demo: true };
}

/** @returns 'crashed' while the driver rests after crashes; no devices when they cannot be listed for another reason */
async function listed(
  port: ReaderDevicePort,
  { clock, log, signal, profiles }: SupervisorPorts,
): Promise<DeviceInfo[] | 'crashed'> {
  try {
    return await within(
      clock,
      LIST_LIMIT_MS,
      port.list(busesToList(profiles)),
      () => new Error('listing took too long'),
      signal,
    );
  } catch (error) {
    log.write('debug', 'id-card', 'the devices could not be listed', { reason: String(error) });
    return error instanceof CodedError && error.code === 'ID_CARD_DRIVER_CRASHED' ? 'crashed' : [];
  }
}

function nameOf({ device, profiles }: Target): string {
  return device.product.trim() || (profiles[0]?.name ?? '');
}
