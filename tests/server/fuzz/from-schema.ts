import fc from 'fast-check';
import { completeCitizenNumber } from '../../../shared/domain/card/citizen-number.ts';

/** An invented person's number that is put wherever text fits; nobody may ever repeat it. */
export const MARKER = completeCitizenNumber('11010119900101777');

/** As much of JSON Schema as the server's own document uses. */
export interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  maxItems?: number;
  additionalProperties?: Schema | boolean;
}

const WORST = 2 ** 53;

/**
 * Values of the schema's shape: what an honest but odd caller could send.
 * @param words texts that mean something to the server
 */
export function valid(schema: Schema, words: readonly string[]): fc.Arbitrary<unknown> {
  const inner = (part: Schema): fc.Arbitrary<unknown> => valid(part, words);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(inner));
  switch (schema.type) {
    case 'string':
      return fc.oneof(fc.constantFrom('', MARKER, '0'.repeat(64), 'f'.repeat(32), ...words), fc.string());
    case 'integer':
    case 'number': {
      const min = Math.max(schema.minimum ?? (schema.exclusiveMinimum ?? -1) + 1, -WORST);
      return fc.integer({ min, max: Math.min(schema.maximum ?? 1_000_000, 2 ** 31 - 1) });
    }
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(inner(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 4, Math.max(4, schema.minItems ?? 0)),
      });
    case 'object': {
      const parts = Object.entries(schema.properties ?? {}).map(([key, part]) => [key, inner(part)] as const);
      return fc.record(Object.fromEntries(parts), { requiredKeys: schema.required ?? [] });
    }
    default:
      return fc.jsonValue();
  }
}

/** Values no schema wants: wrong kinds, the edges of numbers, text that breaks parsers and columns. */
const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    -1,
    1.5,
    1e308,
    -0,
    WORST,
    '\u0000',
    '\ud800',
    '\u202e',
    "'; drop table event; --",
    '../../../etc/passwd',
    '%00%0d%0aX-Evil: 1',
    'x'.repeat(100_000),
    [],
    {},
    [[[[[[[[]]]]]]]],
    { toString: 'x', constructor: { prototype: { admin: true } } },
    JSON.parse('{"__proto__":{"admin":true}}'),
    MARKER,
  ),
  fc.jsonValue(),
);

/** A valid value with one place in it replaced by something hostile, or left out, or added. */
export function broken(schema: Schema, words: readonly string[]): fc.Arbitrary<unknown> {
  return fc
    .record({
      value: valid(schema, words),
      evil: hostile,
      at: fc.nat(),
      how: fc.constantFrom('replace', 'remove', 'add'),
    })
    .map(({ value, evil, at, how }) => {
      const places = placesOf(value);
      const place = places[at % places.length];
      if (!place) return evil;
      const copy = structuredClone(value);
      const holder = place
        .slice(0, -1)
        .reduce<unknown>((inner, key) => (inner as never)[key], copy) as Record<string, unknown>;
      const key = place.at(-1) as string;
      if (how === 'remove') Reflect.deleteProperty(holder, key);
      else if (how === 'add') holder[`${key}x`] = evil;
      else holder[key] = evil;
      return copy;
    });
}

function placesOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => [
    [...path, key],
    ...placesOf((value as Record<string, unknown>)[key], [...path, key]),
  ]);
}

/** Bodies that are not even JSON, or too much of it. */
export const garbage: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  fc.constantFrom<string | Uint8Array>(
    '',
    '{',
    '{"proto":1,',
    'null',
    '[]',
    '"text"',
    '\ufeff{}',
    '{"dev":"a","dev":"b"}',
    '['.repeat(50_000),
    `{"events":[${'{"bytes":"x","hash":"y"},'.repeat(600)}{}]}`,
    `{"dev":"${'x'.repeat(2_100_000)}"}`,
    new Uint8Array([0xff, 0xfe, 0x00, 0x7b]),
    new Uint8Array([0x1f, 0x8b, 0x08, 0x00, 0x00]),
  ),
  fc.string(),
  fc.uint8Array({ maxLength: 200 }),
);
