/** Pushes of one hall wait for its row anyway; more of them at once would only hold connections that other halls need. */
const AT_ONCE = 2;
/** More than this many waiting are asked to come again: their bodies are kept in memory meanwhile. */
const MOST_WAITING = 100;

/** Lets the halls' work through side by side, whatever burst one of them has. */
export interface HallTurns {
  /** @returns what `work` gives, or null, without beginning it, when too many of this hall wait already */
  run<T>(hall: string, work: () => Promise<T>): Promise<T | null>;
  waiting(): number;
}

export function createHallTurns(): HallTurns {
  const halls = new Map<string, { running: number; queue: (() => void)[] }>();
  return {
    async run(hall, work) {
      const lane = halls.get(hall) ?? { running: 0, queue: [] };
      halls.set(hall, lane);
      if (lane.queue.length >= MOST_WAITING) return null;
      if (lane.running >= AT_ONCE) await new Promise<void>((go) => lane.queue.push(go));
      else lane.running++;
      try {
        return await work();
      } finally {
        // The place is handed on, not given up: nobody may slip in between.
        const next = lane.queue.shift();
        if (next) next();
        else if (--lane.running === 0) halls.delete(hall);
      }
    },
    waiting: () => [...halls.values()].reduce((sum, { queue }) => sum + queue.length, 0),
  };
}
