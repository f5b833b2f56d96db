import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../electron/adapters/simulated/card-reader/faults.ts';
import {
  createSimulatedReader,
  NO_LATENCY,
} from '../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import type { AttemptResult, AttemptWishes } from '../../../electron/core/id-card/card-attempt.ts';
import { attemptCard } from '../../../electron/core/id-card/card-attempt.ts';
import { createExchange } from '../../../electron/core/id-card/exchange.ts';
import { carrierOf, readerProfileSchema } from '../../../electron/core/id-card/reader-profile.ts';
import { createSamLink } from '../../../electron/core/id-card/sam-link.ts';
import { demoPerson } from '../../fixtures/cards.ts';
import { createFakeClock } from './fake-clock.ts';

const profile = readerProfileSchema.parse({ id: 'miaxis', name: 'miaxis', framing: { kind: 'miaxis' } });
const log = { write: () => undefined };

/** Reads one card off the simulated reader; `requests` is what the reader was asked for. */
async function attempt(
  wishes: Partial<AttemptWishes>,
  faults: Fault[] = [],
  card = 'yi',
): Promise<{ result: AttemptResult; requests: string[] }> {
  const clock = createFakeClock();
  const reader = createSimulatedReader({ clock, latency: NO_LATENCY });
  for (const fault of faults) reader.faults.add(fault);
  reader.cards.place(card);
  const connection = await reader.port.open('simulated', { bus: 'hid' });
  const exchange = createExchange({ connection, carrier: carrierOf(profile), clock, log });
  const sam = createSamLink({ exchange, profile, clock, log, signal: new AbortController().signal });
  const done: { result?: AttemptResult; failure?: unknown } = {};
  void (async () => {
    await sam.ask('find');
    reader.requests.length = 0;
    done.result = await attemptCard({ sam, profile, log, readLatestAddress: false, ...wishes });
  })().catch((error: unknown) => (done.failure = error));
  await clock.until(() => done.result !== undefined || done.failure !== undefined, 20_000);
  if (!done.result) throw done.failure;
  return { result: done.result, requests: reader.requests };
}

const read = (result: AttemptResult): Extract<AttemptResult, { outcome: 'read' }> => {
  expect(result.outcome).toBe('read');
  return result as Extract<AttemptResult, { outcome: 'read' }>;
};

describe('reading a card', () => {
  it('asks for nothing but text and photo unless told to', async () => {
    const { result, requests } = await attempt({});
    expect(requests).toEqual(['20 02', '30 01']);
    expect(read(result)).toMatchObject({ appended: null, management: null });
    expect(read(result).payload.fingerprint).toBeNull();
  });

  it('reads fingerprints with the rest when asked to', async () => {
    const { result, requests } = await attempt({ readFingerprint: true });
    expect(requests).toEqual(['20 02', '30 10']);
    expect(read(result).payload.text).toEqual(demoPerson('yi').text);
    expect(read(result).payload.fingerprint).toEqual(demoPerson('yi').fingerprint);
  });

  it('a card from before fingerprints were taken gives none', async () => {
    const { result } = await attempt({ readFingerprint: true }, [], 'jia');
    expect(read(result).payload.fingerprint).toEqual(new Uint8Array());
  });

  it.each([0x37, 0x21])('goes on without them when the reader answers %i', async (status) => {
    const { result, requests } = await attempt({ readFingerprint: true }, [{ on: 'read', status }]);
    expect(requests).toEqual(['20 02', '30 10', '30 01']);
    expect(read(result).payload).toMatchObject({ text: demoPerson('yi').text, fingerprint: null });
  });

  it('a reader that does not answer the fingerprint command is asked for the rest in the next round', async () => {
    const { result, requests } = await attempt({ readFingerprint: true }, [{ on: 'read', silent: true }]);
    expect(requests.slice(-2)).toEqual(['20 02', '30 01']);
    expect(read(result).payload).toMatchObject({ text: demoPerson('yi').text, fingerprint: null });
  });

  it('a card lifted and laid down again is still read with its fingerprints', async () => {
    const { result, requests } = await attempt({ readFingerprint: true }, [{ on: 'read', status: 0x41 }]);
    expect(requests).toEqual(['20 02', '30 10', '20 01', '20 02', '30 10']);
    expect(read(result).payload.fingerprint).toEqual(demoPerson('yi').fingerprint);
  });

  it('the management number is asked for between select and read', async () => {
    const { result, requests } = await attempt({ readManagement: true });
    expect(requests).toEqual(['20 02', '30 05', '30 01']);
    expect(read(result).management).toHaveLength(28);
  });

  it.each<[string, Fault]>([
    ['refused', { on: 'management', status: 0x21 }],
    ['not answered', { on: 'management', silent: true }],
    ['damaged twice', { on: 'management', damage: 'checksum', times: 2 }],
  ])('a management number that is %s does not cost the card', async (_, fault) => {
    const { result } = await attempt({ readManagement: true }, [fault]);
    expect(read(result)).toMatchObject({ management: null, payload: { text: demoPerson('yi').text } });
  });
});
