/** Random choices that a seed brings back. */
export interface Dice {
  /** @returns 0 ≤ x < 1 */
  roll(): number;
  /** @returns a whole number, both ends included */
  between(least: number, most: number): number;
  pick<T>(from: readonly T[]): T;
}

/** mulberry32: small, and good enough to choose whom to kill. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const roll = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    roll,
    between: (least, most) => least + Math.floor(roll() * (most - least + 1)),
    pick: (from) => from[Math.floor(roll() * from.length)] as (typeof from)[number],
  };
}
