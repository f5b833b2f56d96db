/**
 * Two facts that cannot both be true. Nothing was applied of `mine`; a person decides which of the two counts
 * (`conflict.decided`), and may decide again.
 */
export interface Conflict {
  /** Hash of `mine`: the same on every device and on the server. */
  id: string;
  agg: string;
  /** What went wrong, e.g. 'called-twice'; each aggregate's rules name their own. */
  kind: string;
  /** Hash of the event whose precondition failed. */
  mine: string;
  /** Hash of the event it collides with; '' when what it needs never happened. */
  theirs: string;
  /** Hash of what its author had seen last of this aggregate; '' when nothing. */
  base: string;
  /** The conflict it builds on: what the same device did on top of `mine` there. Settled together with it. */
  follows?: string;
  state: 'open' | 'decided';
  decision?: Decision;
}

/** What a person decided: the first fact stands, or the second counts from then on. */
export interface Decision {
  choice: 'first' | 'second';
  by: string;
  /** Wall clock of the deciding device, ISO 8601. */
  at: string;
  note: string;
}

/** An event that counts, made before its author could see what others had done: "decided before seeing X". */
export interface StaleNote {
  /** Hash of `event`. */
  id: string;
  agg: string;
  event: string;
  /** Hashes of what stood before it in order and was not seen, oldest first. */
  unseen: string[];
}
