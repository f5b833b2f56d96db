import { CodedError, type ErrorCode } from '../../../shared/contract/errors.ts';
import type { Handlers } from '../../../shared/contract/index.ts';
import type { ClockPort } from '../ports/clock.ts';

/** A server and the one-time code for it, from the command line or from the server this program started. */
export interface EnrolmentOffer {
  server: string;
  code: string | null;
}

export type EnrolmentResult =
  | { outcome: 'already'; server: string }
  /** The device belongs to another server than the one asked for; it stays there. */
  | { outcome: 'elsewhere'; server: string; offered: string }
  | { outcome: 'enrolled'; server: string }
  /** Nobody offered a code: the window asks the person. */
  | { outcome: 'left-to-person' }
  | { outcome: 'refused'; code: ErrorCode }
  | { outcome: 'stopped' };

/** Failures of a server that is still starting; everything else will not get better by waiting. */
const WAIT_FOR: ReadonlySet<ErrorCode> = new Set(['CENTRAL_UNREACHABLE', 'CENTRAL_BUSY', 'WIRE_TIMEOUT']);
const FIRST_PAUSE_MS = 150;
const LONGEST_PAUSE_MS = 3_000;

/**
 * Enrols a new device by itself when a code is at hand, so that the first start needs nobody. Asks again while the
 * server cannot be reached, also for hours; ends as soon as a person enrolled the device in the window.
 * @param offer null when there is none
 */
export async function enrolAtFirstStart(ports: {
  handlers: Pick<Handlers, 'central.status' | 'central.enrol'>;
  offer: Promise<EnrolmentOffer | null>;
  clock: ClockPort;
  signal: AbortSignal;
  /** Told once, when the first attempt did not reach the server: a person should not be kept waiting for it. */
  onWaiting(server: string): void;
}): Promise<EnrolmentResult> {
  const { handlers, clock, signal } = ports;
  const offer = await Promise.race([ports.offer, untilAborted(signal)]);
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    if (signal.aborted) return { outcome: 'stopped' };
    const line = await handlers['central.status']({});
    if (line.state !== 'unset' && line.server !== null) {
      return offer === null || sameServer(offer.server, line.server)
        ? { outcome: 'already', server: line.server }
        : { outcome: 'elsewhere', server: line.server, offered: offer.server };
    }
    if (!offer?.code) return { outcome: 'left-to-person' };
    try {
      await handlers['central.enrol']({ server: offer.server, code: offer.code });
      return { outcome: 'enrolled', server: offer.server };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      if (!WAIT_FOR.has(error.code)) return { outcome: 'refused', code: error.code };
      if (pause === FIRST_PAUSE_MS) ports.onWaiting(offer.server);
    }
    await sleep(clock, pause, signal);
  }
}

/** Compared as addresses: a closing slash or the case of the host makes no difference. */
export function sameServer(one: string, other: string): boolean {
  const plain = (text: string): string =>
    URL.canParse(text) ? new URL(text).href.replace(/\/+$/, '') : text;
  return plain(one) === plain(other);
}

/** An offer that never comes must not hold up the end of the program. */
function untilAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}

function sleep(clock: ClockPort, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      cancel();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = clock.after(ms, wake);
    signal.addEventListener('abort', wake);
  });
}
