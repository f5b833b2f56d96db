/** Randomness of a run: everything that looks like chance comes from one seed and can be had again. */
export interface Random {
  /** 0 ≤ x < 1 */
  float(): number;
  /** 0 … n − 1 */
  below(n: number): number;
  /** `from` ≤ x < `to`, whole. */
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  bytes(count: number): Uint8Array;
  /** Another stream of the same seed: drawing from it does not move this one. */
  fork(name: string): Random;
}

/** @param name two streams of different names have nothing to do with each other */
export function createRandom(seed: number, name = ''): Random {
  // sfc32, seeded by an FNV-1a walk over seed and name and then stirred.
  let hash = 0x811c9dc5 ^ seed;
  for (const char of `${seed}/${name}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  let a = hash | 0;
  let b = Math.imul(hash ^ 0x9e3779b9, 0x85ebca6b) | 0;
  let c = seed | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) next();

  const random: Random = {
    float: () => next() / 2 ** 32,
    below: (n) => Math.floor(random.float() * n),
    between: (from, to) => from + random.below(Math.max(1, to - from)),
    chance: (probability) => random.float() < probability,
    pick: (list) => list[random.below(list.length)] as never,
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 255),
    fork: (more) => createRandom(seed, `${name}/${more}`),
  };
  return random;
}
