import { beginningWith, MAX_PREFIX, plainName, prefixesOf } from './find-keys.ts';
import type { CaseRow, CasesPage } from './hall-db.ts';
import type { Here } from './gather.ts';
import { openCase } from './open-picture.ts';
import { readOwn } from './positions.ts';
import type { HallStore, LogRow } from './schema.ts';

/** Most rows a search gives. */
export const SEARCH_LIMIT = 50;

/** The ways in which cases are found. Each is one range of one index, read from its end, newest first. */
export interface LookUps {
  one(agg: string): Promise<CaseRow | undefined>;
  newest(limit: number): Promise<CaseRow[]>;
  page(from: { after?: string; limit: number }): Promise<CasesPage>;
  ofPerson(idNumber: string): Promise<CaseRow[]>;
  byName(prefix: string, limit: number): Promise<CaseRow[]>;
  withoutSlip(day: string): Promise<CaseRow[]>;
}

export function createLookUps(store: HallStore, here: Here): LookUps {
  const { seal } = here;

  async function opened(rows: LogRow[]): Promise<CaseRow[]> {
    const own = await readOwn(store);
    return rows.flatMap((row) => openCase(here, own, row) ?? []);
  }

  /** The last `limit` rows below `bound` (exclusive), newest first. */
  const below = (bound: string | null, limit: number): Promise<LogRow[]> =>
    (bound === null ? store.logs.orderBy('when') : store.logs.where('when').below(bound))
      .reverse()
      .limit(limit)
      .toArray();

  return {
    async one(agg) {
      const row = await store.logs.get(agg);
      return row && (await opened([row]))[0];
    },
    newest: async (limit) => opened(await below(null, limit)),

    async page({ after, limit }) {
      const rows = await below(after ?? null, limit);
      const last = rows.length < limit ? undefined : rows.at(-1)?.when;
      return { rows: await opened(rows), next: last ?? null };
    },

    async ofPerson(idNumber) {
      const [from, to] = beginningWith(seal.personKey(idNumber));
      return opened(await store.logs.where('person').between(from, to, true, true).reverse().toArray());
    },

    async byName(prefix, limit) {
      const wanted = plainName(prefix);
      const key = prefixesOf(prefix).at(-1);
      if (key === undefined) return [];
      const range = beginningWith(seal.nameKey(key));
      const longer = Array.from(wanted).length > MAX_PREFIX;
      // A longer search is answered by its first characters and sorted out by the names themselves.
      const rows = await store.logs
        .where('names')
        .between(...range, true, true)
        .reverse()
        .limit(longer ? limit * 20 : limit)
        .toArray();
      const found = await opened(rows);
      return found.filter(({ state }) => plainName(state.applicant.name).startsWith(wanted)).slice(0, limit);
    },

    withoutSlip: async (day) => opened(await store.logs.where('slipDay').aboveOrEqual(day).toArray()),
  };
}
