import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { managedNonce } from '@noble/ciphers/utils.js';
import { Dexie, type Table } from 'dexie';
import { readEvent } from '../../../shared/sync/event.ts';
import type { OwnPosition } from '../../../shared/sync/held-event.ts';
import type { Arrival } from '../../../shared/sync/plan.ts';
import type { StreamPosition } from '../../../shared/sync/ports.ts';
import { applyArrivals } from './apply.ts';
import type { Here } from './gather.ts';
import type { RebuildProgress } from './level-with-journal.ts';
import { NOWHERE, readOwn, writeCheckpoints, writeOwn, writeStream } from './positions.ts';
import { change, type CounterRow, type HallStore } from './schema.ts';

const PAGE = 500;
/** So long the former database stays: a person may go back to the earlier program. */
const KEEP_MS = 30 * 86_400_000;
const STATE = 'former';

type EventKey = [dev: string, inc: string, seq: number];

interface FormerEvent {
  dev: string;
  inc: string;
  seq: number;
  hash: string;
  cursor?: number;
  sealed: Uint8Array;
}

/** Version 1 had a database of its own: one row an event, one a picture. Its tables, as that program declared them. */
class FormerStore extends Dexie {
  declare events: Table<FormerEvent, EventKey>;
  declare counters: Table<CounterRow, string>;
  declare drafts: Table<{ key: string; sealed: Uint8Array }, string>;
  declare meta: Table<{ key: string; value: unknown }, string>;
  constructor(name: string) {
    super(name);
    this.version(1).stores({
      events: '[dev+inc+seq], agg, cursor',
      cases: 'agg, person, acceptedAt, [own+slipOpen+day]',
      tickets: 'agg, day',
      counters: 'key',
      drafts: 'key',
      meta: 'key',
    });
  }
}

/** How far the taking over has come; `doneAt` when it is finished. */
interface Taking {
  after?: EventKey;
  doneAt?: number;
}

/**
 * Takes over what version 1 of the store held, page by page, each page with its place in one transaction: interrupted at
 * any point it goes on from there. The former database is only read, so that the earlier program finds its own again when
 * somebody goes back to it (what was done meanwhile it gets from journal and server); after a month it is removed.
 * @returns how many events were taken over now
 */
export async function takeOverFormer(ports: {
  store: HallStore;
  relaxed: HallStore;
  here: Here;
  formerName: string;
  /** 32 bytes, base64. */
  sealKey: string;
  tell?: (progress: RebuildProgress) => void;
  now?: () => number;
}): Promise<number> {
  const { store, relaxed, here, formerName, tell, now = Date.now } = ports;
  const state = (await store.meta.get(STATE))?.value as Taking | undefined;
  if (state?.doneAt !== undefined) {
    if (now() - state.doneAt > KEEP_MS) await Dexie.delete(formerName).catch(() => undefined);
    return 0;
  }
  if (!(await Dexie.exists(formerName))) {
    await store.meta.put({ key: STATE, value: { doneAt: now() } satisfies Taking });
    return 0;
  }
  const former = new FormerStore(formerName);
  await former.open();
  try {
    const open = opener(ports.sealKey);
    const own = ((await former.meta.get('own'))?.value as OwnPosition[] | undefined) ?? [];
    let after = state?.after;
    if (after === undefined) await beginOwn(store, own);
    let count = 0;
    for (;;) {
      const rows = await (
        after === undefined ? former.events.orderBy(':id') : former.events.where(':id').above(after)
      )
        .limit(PAGE)
        .toArray();
      const last = rows.at(-1);
      if (!last) break;
      const arrivals = rows.flatMap((row) => arrivalOf(row, open));
      after = [last.dev, last.inc, last.seq];
      const taking: Taking = { after };
      await change(relaxed, async (tables) => {
        await applyArrivals(tables, here, arrivals);
        await tables.meta.put({ key: STATE, value: taking });
      });
      count += rows.length;
      tell?.({ done: count, of: null });
    }
    await takeRest(former, store, here, open, own, now());
    return count;
  } finally {
    former.close();
  }
}

/** Incarnations are folded in the order in which they began, which their keys do not tell. */
async function beginOwn(store: HallStore, own: readonly OwnPosition[]): Promise<void> {
  await change(store, async (tables) => {
    if ((await readOwn(tables)).length > 0) return;
    await writeOwn(
      tables,
      own.map(({ inc }) => ({ inc, applied: 0, acknowledged: 0 })),
    );
  });
}

/** Everything else: positions, numbers used, and the case that lies open on the screen. */
async function takeRest(
  former: FormerStore,
  store: HallStore,
  here: Here,
  open: (sealed: Uint8Array) => unknown,
  own: readonly OwnPosition[],
  at: number,
): Promise<void> {
  const stream = ((await former.meta.get('stream'))?.value as StreamPosition | undefined) ?? NOWHERE;
  const counters = await former.counters.toArray();
  for (const { key, sealed } of await former.drafts.toArray()) {
    const text = JSON.stringify(open(sealed));
    await store.drafts.put({ key, sealed: here.seal.seal(text, `drafts/${key}`) });
  }
  await change(store, async (tables) => {
    await writeStream(tables, stream);
    await writeCheckpoints(tables, stream.cursor > 0 ? [stream] : []);
    const now = await readOwn(tables);
    for (const entry of now) {
      const before = own.find(({ inc }) => inc === entry.inc)?.acknowledged ?? 0;
      entry.acknowledged = Math.max(entry.acknowledged, Math.min(before, entry.applied));
    }
    await writeOwn(tables, now);
    for (const { key, used } of counters) {
      const known = (await tables.counters.get(key))?.used ?? 0;
      if (known < used) await tables.counters.put({ key, used });
    }
    await tables.meta.put({ key: STATE, value: { doneAt: at } satisfies Taking });
  });
}

/** Version 1 sealed without a header: nonce, ciphertext and tag, nothing authenticated beside. */
function opener(sealKey: string): (sealed: Uint8Array) => unknown {
  const cipher = managedNonce(xchacha20poly1305)(Uint8Array.from(atob(sealKey), (c) => c.charCodeAt(0)));
  const decoder = new TextDecoder();
  return (sealed) => JSON.parse(decoder.decode(cipher.decrypt(sealed))) as unknown;
}

/** What cannot be opened is left where it is: journal and server have it. */
function arrivalOf(row: FormerEvent, open: (sealed: Uint8Array) => unknown): Arrival[] {
  try {
    const read = readEvent(open(row.sealed) as string, row.hash);
    if (!read.ok) return [];
    return [row.cursor === undefined ? { kept: read.kept } : { kept: read.kept, cursor: row.cursor }];
  } catch {
    return [];
  }
}
