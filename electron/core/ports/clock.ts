/** Time as the core sees it; tests and the simulator bring their own. */
export interface ClockPort {
  /** Wall clock, milliseconds since 1970, with fraction. For people and for comparison with the server. */
  now(): number;
  /** Never runs backwards; milliseconds from an arbitrary point. For durations. */
  monotonic(): number;
  /** Runs `run` once after `ms`; the returned function cancels it. */
  after(ms: number, run: () => void): () => void;
}
