import type { PulledEvent, SnapshotPage } from '../contract/central.ts';
import { readEvent } from './event.ts';
import { nextStreamHash, STREAM_HASH_OF_NOTHING } from './hash.ts';
import type { Arrival } from './plan.ts';

/** Pulled events as arrivals. What is no event at all stays with the server, numbered and flagged. */
export function arrivalsOf(events: readonly PulledEvent[]): Arrival[] {
  return events.flatMap(({ bytes, hash, cursor, sig }) => {
    const read = readEvent(bytes, hash);
    if (!read.ok) return [];
    return sig === undefined ? [{ kept: read.kept, cursor }] : [{ kept: read.kept, cursor, sig }];
  });
}

/**
 * Whether a page fits right before what is held: without gaps, its own hashes leading to the one that was asked for,
 * and from nothing where it begins with the first event. So a forged past cannot be slipped under a known present (S4).
 */
export function joins(page: SnapshotPage, missing: { before: number; streamHash: string }): boolean {
  const { events, streamHashBefore } = page;
  const first = events[0];
  if (!first || events.at(-1)?.cursor !== missing.before - 1) return false;
  const whole = events.every(({ cursor }, index) => cursor === first.cursor + index);
  const start = first.cursor === 1 ? STREAM_HASH_OF_NOTHING : streamHashBefore;
  return (
    whole && events.reduce((hash, event) => nextStreamHash(hash, event.hash), start) === missing.streamHash
  );
}
