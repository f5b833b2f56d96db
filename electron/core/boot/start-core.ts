import { CodedError } from '../../../shared/contract/errors.ts';
import type { Handlers } from '../../../shared/contract/index.ts';
import type { Core } from '../core.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import { enrolAtFirstStart, type EnrolmentOffer, type EnrolmentResult } from './first-enrolment.ts';
import { gateHandlers } from './gate-handlers.ts';

/** How long the window's first question waits for the enrolment of a new device, milliseconds; a call may take 15 s. */
export const ENROLMENT_WAIT_MS = 12_000;

/** What a shell does with the news of the start: sentences on the terminal, or nothing. */
export interface StartListener {
  onStartFailed(code: string): void;
  onEnrolment(result: EnrolmentResult): void;
  /** The server to enrol at does not answer yet; it is asked on. */
  onWaiting(server: string): void;
}

/**
 * Starts the core behind its gate and enrols a new device by itself when there is a code. Both shells start this way.
 * @returns the handlers for the window: they wait for the start, and `app.boot` also for the first enrolment
 */
export function startCore(ports: {
  core: Core;
  offer: Promise<EnrolmentOffer | null>;
  clock: ClockPort;
  log: LogPort;
  signal: AbortSignal;
  listener: StartListener;
}): Handlers {
  const { core, offer, clock, log, signal, listener } = ports;
  let letBoot: () => void = () => undefined;
  const mayBoot = new Promise<void>((resolve) => {
    letBoot = resolve;
  });
  const cancelWait = clock.after(ENROLMENT_WAIT_MS, letBoot);
  const started = core.start();

  async function settle(): Promise<void> {
    try {
      await started;
    } catch (error) {
      log.write('error', 'start', 'the core could not start', { error });
      listener.onStartFailed(codeOf(error));
      return;
    }
    try {
      // A device that is enrolled already does not wait for a server that is only starting.
      const line = await core.handlers['central.status']({});
      if (line.state !== 'unset') letBoot();
      const result = await enrolAtFirstStart({
        handlers: core.handlers,
        offer,
        clock,
        signal,
        onWaiting(server) {
          letBoot();
          listener.onWaiting(server);
        },
      });
      log.write('info', 'start', 'enrolment', { outcome: result.outcome });
      listener.onEnrolment(result);
    } catch (error) {
      log.write('error', 'start', 'the first enrolment failed unexpectedly', { error });
      listener.onEnrolment({ outcome: 'refused', code: 'INTERNAL' });
    }
  }
  void settle().finally(() => {
    cancelWait();
    letBoot();
  });
  return gateHandlers(core.handlers, started, mayBoot);
}

const codeOf = (error: unknown): string => (error instanceof CodedError ? error.code : 'INTERNAL');
