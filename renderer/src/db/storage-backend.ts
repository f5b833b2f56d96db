import type { Evidence } from './sync-views.ts';

type Backend = Evidence['storage']['backend'];

/** Turns given to the first writer; LevelDB lets the second one in after a few, SQLite never. */
const ENOUGH_TURNS = 20;
const LIMIT_MS = 400;
const PROBE = 'zongchuang-probe';

/**
 * Which of Chromium's back ends keeps this origin's databases, found out by what it does, because no page is told: a
 * change of back end deletes everything (it is pinned in `electron/standalone/browser-flags.ts` and
 * `electron/main/chromium-features.ts`), so a person must be able to see it. LevelDB runs two writers of different
 * tables beside each other; SQLite lets one write at a time. Asked of a database of its own, which is kept: it is tiny.
 */
export async function storageBackend(): Promise<Backend> {
  if (!('navigator' in globalThis) || !navigator.userAgent.includes('Chrome/')) return 'unknown';
  try {
    const db = await openProbe();
    try {
      return await secondWriter(db);
    } finally {
      db.close();
    }
  } catch {
    return 'unknown';
  }
}

function openProbe(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(PROBE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('a');
      request.result.createObjectStore('b');
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error('probe', { cause: request.error }));
  });
}

function secondWriter(db: IDBDatabase): Promise<Backend> {
  return new Promise((resolve) => {
    const first = db.transaction('a', 'readwrite').objectStore('a');
    const began = performance.now();
    let turns = 0;
    let answered = false;
    const answer = (backend: Backend): void => {
      answered = true;
      resolve(backend);
    };
    const goOn = (): void => {
      turns += 1;
      if (answered) return;
      const late = performance.now() - began > LIMIT_MS;
      if (late || turns > ENOUGH_TURNS * 10) answer(turns >= ENOUGH_TURNS ? 'sqlite' : 'unknown');
      else first.get(1).onsuccess = goOn;
    };
    first.put(1, 1).onsuccess = goOn;
    const second = db.transaction('b', 'readwrite').objectStore('b').put(1, 1);
    second.onsuccess = () => {
      if (!answered) answer('leveldb');
    };
  });
}
