import { VERSIONS } from './events.ts';
import { record, type FoldEvent } from './fold-event.ts';

/** Makes the body of the next version from one of this version; null when it is not of this version's shape. */
export type UpcastStep = (body: Record<string, unknown>) => Record<string, unknown> | null;

/**
 * How bodies of earlier versions are read, by `type@version`. Stored events are never rewritten: their hash would
 * change. A new shape of a type gets a new number in {@link VERSIONS} and one step here.
 */
const STEPS: Readonly<Record<string, UpcastStep>> = {};

/**
 * Reads an event as this version writes it.
 * @param table for tests; steps and newest versions
 * @returns null when the type is unknown, its version newer than this program, or its body of no known shape
 */
export function upcast<E extends Pick<FoldEvent, 'type' | 'typeV' | 'body'>>(
  event: E,
  table: { steps: Readonly<Record<string, UpcastStep>>; versions: Readonly<Record<string, number>> } = {
    steps: STEPS,
    versions: VERSIONS,
  },
): E | null {
  if (!Object.hasOwn(table.versions, event.type)) return null;
  const newest = table.versions[event.type] as number;
  let body = record(event.body);
  if (body === null || event.typeV > newest) return null;
  if (event.typeV === newest) return event;
  for (let version = event.typeV; version < newest; version++) {
    const key = `${event.type}@${version}`;
    body = body && Object.hasOwn(table.steps, key) ? (table.steps[key] as UpcastStep)(body) : null;
  }
  return body && { ...event, typeV: newest, body };
}
