import type { LineState } from '../../../shared/contract/central.ts';
import type { ErrorCode } from '../../../shared/contract/errors.ts';
import type { ClockPort } from '../ports/clock.ts';

/** What is known of the line, honest at any moment: the server's own word and when it was last heard. */
export interface Line {
  state: () => LineState;
  /** Another server, or none. */
  setServer(server: string | null): void;
  /** The server answered. */
  heard(state: 'online' | 'refused', error?: ErrorCode): void;
  /** The server did not answer, or something else answered in its place. */
  lost(error: ErrorCode): void;
  /** Tells listeners of a new acknowledgement. */
  acknowledged(): void;
}

const skewOf = (skewMs: number | null): { clockSkewMs?: number } =>
  // Whole seconds: what is below is the way of the answer, and would make every hello a change.
  skewMs === null ? {} : { clockSkewMs: Math.round(skewMs / 1000) * 1000 };

/** A change of `lastAnswerAt` alone is told at most this often, milliseconds. */
const TELL_EVERY_MS = 1000;

export function createLine(ports: {
  clock: ClockPort;
  server: string | null;
  acknowledgedSeq: () => number;
  skewMs: () => number | null;
  onChange: (state: LineState) => void;
}): Line {
  const { clock } = ports;
  let server = ports.server;
  let state: LineState['state'] = server === null ? 'unset' : 'offline';
  let error: ErrorCode | undefined;
  let lastAnswerAt: number | null = null;
  let told = '';
  let toldAt = -Infinity;

  const current = (): LineState => ({
    server,
    state,
    ...(error ? { error } : {}),
    lastAnswerAt,
    acknowledgedSeq: ports.acknowledgedSeq(),
    ...skewOf(ports.skewMs()),
  });
  const tell = (): void => {
    const now = current();
    const text = JSON.stringify({ ...now, lastAnswerAt: null });
    const at = clock.monotonic();
    if (text === told && at - toldAt < TELL_EVERY_MS) return;
    told = text;
    toldAt = at;
    ports.onChange(now);
  };

  return {
    state: current,
    setServer(next) {
      server = next;
      state = next === null ? 'unset' : 'offline';
      error = undefined;
      tell();
    },
    heard(next, why) {
      lastAnswerAt = clock.now();
      state = next;
      error = why;
      tell();
    },
    lost(why) {
      if (state === 'unset') return;
      // A refused device stays refused in the clerk's eyes while the cable is out as well.
      if (state !== 'refused') {
        state = 'offline';
        error = why;
      }
      tell();
    },
    acknowledged: tell,
  };
}
