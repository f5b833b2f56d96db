// Runs in Chromium: the real store of the window, and beside it what a user would write instead.
import { Dexie, type Table } from 'dexie';
import type { Bridge } from '../../../renderer/src/bridge/bridge.ts';
import { openHallDb, type OpenedHallDb } from '../../../renderer/src/db/open-hall-db.ts';
import { createLookUps } from '../../../renderer/src/db/look-ups.ts';
import { HallStore } from '../../../renderer/src/db/schema.ts';
import { createSeal } from '../../../renderer/src/db/seal.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import { acceptedBody, PAGE, person, type BenchPage } from './people.ts';

const SEAL_KEY = btoa(String.fromCharCode(...new Uint8Array(32).fill(5)));
const LOOKUP_KEY = btoa(String.fromCharCode(...new Uint8Array(32).fill(6)));

function openBridge(port: number): Promise<Bridge> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let next = 0;
  socket.onmessage = ({ data }) => {
    const { id, value, error } = JSON.parse(data as string) as { id: number; value: never; error?: string };
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(value);
    else call?.reject(new CodedError('INTERNAL', error));
  };
  const bridge: Bridge = {
    call: (name, input) =>
      new Promise((resolve, reject) => {
        waiting.set(++next, { resolve, reject });
        socket.send(JSON.stringify({ id: next, name, input }));
      }),
    on: () => () => undefined,
    onConnection: () => () => undefined,
  };
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(bridge);
    socket.onerror = () => reject(new Error('journal'));
  });
}

let opened: OpenedHallDb | null = null;
let dbName = '';
let dev = '';
const need = (): OpenedHallDb => opened ?? fail();
const fail = (): never => {
  throw new Error('not open');
};
const timed = async <T>(work: () => Promise<T>): Promise<[number, T]> => {
  const began = performance.now();
  const value = await work();
  return [performance.now() - began, value];
};
const pageOf = async (n: number): Promise<BenchPage> =>
  (await (await fetch(`/pages/${n}.json`)).json()) as BenchPage;

const bench = {
  /** @returns milliseconds until the newest cases are there to be shown, and how many they are */
  async open(options: {
    name: string;
    port: number;
    dev: string;
    rows: number;
    cipher?: 'sm4-gcm';
  }): Promise<{ ms: number; rows: number }> {
    const bridge = await openBridge(options.port);
    dbName = options.name;
    dev = options.dev;
    const [ms, rows] = await timed(async () => {
      opened = await openHallDb({
        bridge,
        device: {
          dev,
          hall: '330102',
          hallName: '演示大厅',
          station: '3',
          stationName: '综合窗口3',
          series: 'Z',
        },
        clerkId: () => 'clerk-1',
        sealKey: SEAL_KEY,
        lookupKey: LOOKUP_KEY,
        name: options.name,
        ...(options.cipher ? { cipher: options.cipher } : {}),
      });
      return opened.db.recentCases(options.rows);
    });
    return { ms, rows: rows.length };
  },
  async close(): Promise<void> {
    await opened?.db.close();
    opened = null;
  },

  /** Pulls pages forward as the engine does. @returns milliseconds of applying each, without fetching them */
  async pull(from: number, to: number): Promise<number[]> {
    const times: number[] = [];
    for (let n = from; n < to; n++) {
      const page = await pageOf(n);
      const [ms, agreed] = await timed(() => need().sync.applyPage(page));
      if (!agreed) throw new Error(`page ${n} was refused`);
      times.push(ms);
    }
    return times;
  },

  /** A new PC: takes its place at the head and fills backwards. @returns seconds since it began */
  async newPc(pages: number): Promise<{ firstSearch: number; complete: number; found: number }> {
    const began = performance.now();
    const since = (): number => (performance.now() - began) / 1000;
    let firstSearch = 0;
    let found = 0;
    const last = await pageOf(pages - 1);
    const cursor = last.events.at(-1)?.cursor ?? 0;
    await need().sync.beginAt({ epoch: last.epoch, cursor, streamHash: last.streamHash });
    for (let n = pages - 1; n >= 0; n--) {
      const page = n === pages - 1 ? last : await pageOf(n);
      if (!(await need().sync.applyBackfill(page))) throw new Error(`page ${n} was refused`);
      if (n === pages - 1) {
        found = (await need().db.casesOfPerson(person(cursor - 1).idNumber, 'bench')).length;
        firstSearch = since();
      }
    }
    if ((await need().sync.backfill()) !== null) throw new Error('not complete');
    return { firstSearch, complete: since(), found };
  },

  async look(
    cases: number,
    runs: number,
  ): Promise<Record<'id' | 'name' | 'last' | 'page' | 'count', number[]>> {
    const store = new HallStore(dbName);
    const seal = createSeal({ sealKey: SEAL_KEY, lookupKey: LOOKUP_KEY });
    // Without the trace each look leaves: that is a save, and measured there.
    const lookUps = createLookUps(store, { dev, seal, taken: null });
    const times = {
      id: [] as number[],
      name: [] as number[],
      last: [] as number[],
      page: [] as number[],
      count: [] as number[],
    };
    let after: string | null = null;
    for (let i = -3; i < runs; i++) {
      const who = person(Math.floor(((i + 3.5) / (runs + 3)) * cases));
      const [id, hits] = await timed(() => lookUps.ofPerson(who.idNumber));
      if (!hits.some(({ state }) => state.applicant.name === who.name))
        throw new Error('not found by number');
      const prefix = Array.from(who.name)
        .slice(0, 1 + (Math.abs(i) % 3))
        .join('');
      const [name, named] = await timed(() => lookUps.byName(prefix, 50));
      if (named.length === 0) throw new Error('not found by name');
      const [last, rows] = await timed(() => lookUps.newest(50));
      if (rows.length !== Math.min(50, cases)) throw new Error('newest');
      const [page, { next }] = await timed(() =>
        lookUps.page({ ...(after === null ? {} : { after }), limit: 50 }),
      );
      after = next;
      const [count] = await timed(() => need().db.light());
      if (i < 0) continue;
      times.id.push(id);
      times.name.push(name);
      times.last.push(last);
      times.page.push(page);
      times.count.push(count);
    }
    store.close();
    return times;
  },

  /** 已保存: journal, log, picture, sealing. */
  async save(runs: number, salt: number): Promise<number[]> {
    const times: number[] = [];
    for (let i = 0; i < runs; i++) {
      const agg = `case/${crypto.randomUUID()}`;
      const body = acceptedBody(10_000_000 + salt * 1000 + i, Date.now());
      const [ms] = await timed(() =>
        need().db.save(crypto.randomUUID(), [{ type: 'case.accepted', agg, body: body as never }]),
      );
      times.push(ms);
    }
    return times;
  },

  /** How the two connections commit, as Chromium itself says. */
  async durabilities(): Promise<{ own: string; pulled: string }> {
    const of = async (kind: 'strict' | 'relaxed'): Promise<string> => {
      const store = new HallStore(dbName, kind);
      const durability = await store.transaction('rw', store.meta, (tx) =>
        store.meta.get('own').then(() => tx.idbtrans.durability),
      );
      store.close();
      return durability;
    };
    return { own: await of('strict'), pulled: await of('relaxed') };
  },

  evidence: () => need().db.evidence(),
  ...plain(),
};

interface PlainRow {
  id: string;
  idHash: string;
  name: string;
  acceptedAt: string;
  iv: Uint8Array;
  sealed: ArrayBuffer;
}

/** What a user would write: Dexie, one row a case, the body sealed with WebCrypto, number by hash, name by its first characters, no journal, no hash check. */
function plain() {
  let db: (Dexie & { cases: Table<PlainRow, string> }) | null = null;
  let key: CryptoKey | null = null;
  const text = new TextEncoder();
  async function row(n: number, id: string, body: unknown, at: string): Promise<PlainRow> {
    const { name, idNumber } = person(n);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const hash = await crypto.subtle.digest('SHA-256', text.encode(idNumber));
    const idHash = Array.from(new Uint8Array(hash), (b) => b.toString(16).padStart(2, '0')).join('');
    const sealed = await crypto.subtle.encrypt(
      { name: 'AES-GCM', iv },
      key as CryptoKey,
      text.encode(JSON.stringify(body)),
    );
    return { id, idHash, name, acceptedAt: at, iv, sealed };
  }
  const openRow = async ({ iv, sealed }: PlainRow): Promise<unknown> => {
    const how = { name: 'AES-GCM', iv: iv as BufferSource };
    const bytes = await crypto.subtle.decrypt(how, key as CryptoKey, sealed);
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  };
  const open = (rows: PlainRow[]): Promise<unknown[]> => Promise.all(rows.map(openRow));
  return {
    async plainOpen(rows: number): Promise<number> {
      key = await crypto.subtle.importKey('raw', new Uint8Array(32).fill(5), 'AES-GCM', false, [
        'encrypt',
        'decrypt',
      ]);
      const [ms] = await timed(async () => {
        db = new Dexie('plain') as Dexie & { cases: Table<PlainRow, string> };
        db.version(1).stores({ cases: 'id, idHash, name, acceptedAt' });
        await open(await db.cases.orderBy('acceptedAt').reverse().limit(rows).toArray());
      });
      return ms;
    },
    async plainPull(from: number, to: number): Promise<number[]> {
      const times: number[] = [];
      for (let n = from; n < to; n++) {
        const page = await pageOf(n);
        const [ms] = await timed(async () => {
          const rows = await Promise.all(
            page.events.map(({ bytes }, i) => {
              const event = JSON.parse(bytes) as { agg: string; at: string; body: unknown };
              return row(n * PAGE + i, event.agg, event.body, event.at);
            }),
          );
          await db?.cases.bulkPut(rows);
        });
        times.push(ms);
      }
      return times;
    },
    async plainLook(
      cases: number,
      runs: number,
    ): Promise<Record<'id' | 'name' | 'last' | 'count', number[]>> {
      const times = { id: [] as number[], name: [] as number[], last: [] as number[], count: [] as number[] };
      const table = db?.cases ?? fail();
      for (let i = -3; i < runs; i++) {
        const who = person(Math.floor(((i + 3.5) / (runs + 3)) * cases));
        const hash = await crypto.subtle.digest('SHA-256', text.encode(who.idNumber));
        const idHash = Array.from(new Uint8Array(hash), (b) => b.toString(16).padStart(2, '0')).join('');
        const [id] = await timed(async () => open(await table.where('idHash').equals(idHash).toArray()));
        const prefix = Array.from(who.name)
          .slice(0, 1 + (Math.abs(i) % 3))
          .join('');
        const [name] = await timed(async () =>
          open(await table.where('name').startsWith(prefix).limit(50).toArray()),
        );
        const [last] = await timed(async () =>
          open(await table.orderBy('acceptedAt').reverse().limit(50).toArray()),
        );
        const [count] = await timed(() => table.count());
        if (i < 0) continue;
        times.id.push(id);
        times.name.push(name);
        times.last.push(last);
        times.count.push(count);
      }
      return times;
    },
    async plainSave(runs: number, salt: number): Promise<number[]> {
      const times: number[] = [];
      for (let i = 0; i < runs; i++) {
        const n = 10_000_000 + salt * 1000 + i;
        const [ms] = await timed(async () =>
          db?.cases.put(
            await row(n, crypto.randomUUID(), acceptedBody(n, Date.now()), new Date().toISOString()),
          ),
        );
        times.push(ms);
      }
      return times;
    },
  };
}

export type StoreBench = typeof bench;
Object.assign(globalThis, { storeBench: bench });
