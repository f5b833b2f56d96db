import type { Shape } from './shape.ts';

type Schema = Record<string, unknown>;

/** The JSON Schema (2020-12) of a shape, for editors and for whoever writes a catalogue outside this program. */
export function schemaOf(shape: Shape, head: { $id: string; title: string }): Schema {
  const named = new Map<string, Schema>();
  const root = convert(shape, named);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...head,
    ...root,
    $defs: Object.fromEntries(named),
  };
}

function convert(shape: Shape, named: Map<string, Schema>): Schema {
  switch (shape.kind) {
    case 'text':
      if (shape.oneOf !== undefined) return { enum: [...shape.oneOf] };
      return {
        type: 'string',
        ...(shape.blank === true ? {} : { minLength: 1 }),
        maxLength: shape.max,
        ...(shape.pattern === undefined ? {} : { pattern: shape.pattern }),
      };
    case 'whole':
      return { type: 'integer', minimum: shape.min, maximum: shape.max };
    case 'flag':
      return { type: 'boolean' };
    case 'list':
      return { type: 'array', items: convert(shape.of, named), minItems: shape.min, maxItems: shape.max };
    case 'map':
      return { type: 'object', additionalProperties: convert(shape.of, named) };
    case 'object':
      return {
        type: 'object',
        properties: Object.fromEntries(
          Object.entries(shape.keys).map(([key, part]) => [key, convert(part, named)]),
        ),
        required: Object.keys(shape.keys).filter((key) => shape.optional?.includes(key) !== true),
        additionalProperties: false,
      };
    case 'either':
      return { anyOf: shape.options.map((option) => convert(option.shape, named)) };
    case 'named':
      if (!named.has(shape.name)) {
        // Taken before it is made, because it contains itself.
        named.set(shape.name, {});
        named.set(shape.name, convert(shape.shape(), named));
      }
      return { $ref: `#/$defs/${shape.name}` };
  }
}
