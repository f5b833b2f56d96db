import type { z } from 'zod';
import { ownAnswer, type OwnAnswer } from '../../../shared/sync/own-messages.ts';
import type { LogPort } from '../ports/log.ts';
import type { Hole } from './ledger.ts';
import type { Journal } from './journal.ts';

/** A call of the session with the server; `ok: false` is the server's refusal. Rejects when there is no answer. */
export type ServerCall = <T>(call: {
  method: 'GET' | 'POST';
  path: string;
  body?: unknown;
  schema: z.ZodType<T>;
  timeoutMs: number;
}) => Promise<{ ok: true; value: T } | { ok: false; refusal: { error: string } }>;

const LIMIT_MS = 15_000;

/**
 * Asks the server what it has of this device, compares, and writes back what is missing here (fault 9). The server's
 * list also says for older incarnations what it has acknowledged, where the note of that was lost.
 * @returns the server's key for exports; null when it does not know the question
 */
export async function refillFromServer(ports: {
  journal: Pick<Journal, 'compare' | 'restore' | 'settle' | 'read' | 'acknowledge' | 'acknowledged'>;
  call: ServerCall;
  log: LogPort;
}): Promise<string | null> {
  const { journal, call, log } = ports;
  const ask = (query: string) =>
    call({ method: 'GET', path: `/own${query}`, schema: ownAnswer, timeoutMs: LIMIT_MS });
  const first = await ask('');
  if (!first.ok) {
    log.write('info', 'journal', 'the server does not say what it has of us', { why: first.refusal.error });
    return null;
  }
  const { incarnations, exportKey } = first.value;
  const missing = await journal.compare(incarnations);
  for (const hole of missing) {
    const here = incarnations.find(({ inc }) => inc === hole.inc);
    if (here && here.seq >= hole.from) await refill(hole, Math.min(hole.to, here.seq));
  }
  await journal.settle();
  for (const of of incarnations) await believe(of);
  return exportKey;

  async function refill({ inc, from }: Hole, to: number): Promise<void> {
    for (let next = from; next <= to;) {
      const page = await ask(`?inc=${inc}&from=${next}&to=${to}`);
      if (!page.ok || page.value.events.length === 0) return;
      const taken = await journal.restore(page.value.events);
      log.write('info', 'journal', 'refilled from the server', { inc, from: next, taken });
      const last = seqOf(page.value.events.at(-1)?.bytes ?? '');
      if (last < next) return;
      next = last + 1;
    }
  }

  /** Only when the event at the server's end of it is the very one that is here: the chain answers for the rest. */
  async function believe({ inc, seq, hash }: OwnAnswer['incarnations'][number]): Promise<void> {
    if (journal.acknowledged(inc) >= seq) return;
    const [own] = (await journal.read({ inc, after: seq - 1, limit: 1 })).events;
    if (own?.hash === hash) journal.acknowledge(inc, seq);
  }
}

function seqOf(bytes: string): number {
  try {
    const { seq } = JSON.parse(bytes) as { seq?: unknown };
    return typeof seq === 'number' ? seq : 0;
  } catch {
    return 0;
  }
}
