import type { Carrier } from './carrier.ts';

/** The SAM's bytes as they are: a serial line, and makers' libraries, which take and give whole frames. */
export function streamCarrier(): Carrier {
  return {
    toPackets: (frame) => [{ bytes: frame, pipe: 0 }],
    createReceiver: () => ({
      take: ({ bytes }) => ({ kind: 'bytes', bytes }),
      reset: () => undefined,
    }),
  };
}
