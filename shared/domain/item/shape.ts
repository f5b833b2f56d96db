/**
 * The shape of a JSON value, as data: one description serves the hand-written check (the window has no
 * schema library in its domain) and the published JSON Schema, so that the two cannot drift apart.
 */
export type Shape =
  | { kind: 'text'; max: number; pattern?: string; oneOf?: readonly string[]; blank?: boolean }
  | { kind: 'whole'; min: number; max: number }
  | { kind: 'flag' }
  | { kind: 'list'; of: Shape; min: number; max: number }
  | { kind: 'map'; of: Shape }
  /** `optional` names the keys that may be absent; keys not named at all are faults, because they are typing errors. */
  | { kind: 'object'; keys: Readonly<Record<string, Shape>>; optional?: readonly string[] }
  /** One of several objects, told apart by a key: by its being there, or by the value it must have. */
  | { kind: 'either'; options: readonly { key: string; value?: string; shape: Shape }[] }
  /** A shape that contains itself, by name. */
  | { kind: 'named'; name: string; shape: () => Shape };

export type ShapeProblem =
  | 'missing'
  | 'wrong-type'
  | 'empty'
  | 'too-long'
  | 'bad-format'
  | 'not-allowed'
  | 'out-of-range'
  | 'too-few'
  | 'too-many'
  | 'unknown-key';

export type Report<P extends string> = (field: string, problem: P) => void;

/** Reports every place at which a value has not the shape; reports nothing when it has. */
export function checkShape(value: unknown, shape: Shape, field: string, report: Report<ShapeProblem>): void {
  switch (shape.kind) {
    case 'text':
      checkText(value, shape, field, report);
      return;
    case 'whole':
      if (typeof value !== 'number' || !Number.isInteger(value)) report(field, 'wrong-type');
      else if (value < shape.min || value > shape.max) report(field, 'out-of-range');
      return;
    case 'flag':
      if (typeof value !== 'boolean') report(field, 'wrong-type');
      return;
    case 'list':
      checkList(value, shape, field, report);
      return;
    case 'map':
      if (!isObject(value)) {
        report(field, 'wrong-type');
        return;
      }
      for (const [key, entry] of Object.entries(value))
        checkShape(entry, shape.of, under(field, key), report);
      return;
    case 'object':
      checkObject(value, shape, field, report);
      return;
    case 'either':
      checkEither(value, shape, field, report);
      return;
    case 'named':
      checkShape(value, shape.shape(), field, report);
  }
}

function checkText(
  value: unknown,
  shape: Shape & { kind: 'text' },
  field: string,
  report: Report<ShapeProblem>,
): void {
  if (typeof value !== 'string') report(field, 'wrong-type');
  else if (value === '' && shape.blank !== true) report(field, 'empty');
  else if (Array.from(value).length > shape.max) report(field, 'too-long');
  else if (shape.oneOf !== undefined && !shape.oneOf.includes(value)) report(field, 'not-allowed');
  else if (shape.pattern !== undefined && !new RegExp(shape.pattern, 'u').test(value))
    report(field, 'bad-format');
}

function checkList(
  value: unknown,
  shape: Shape & { kind: 'list' },
  field: string,
  report: Report<ShapeProblem>,
): void {
  if (!Array.isArray(value)) {
    report(field, 'wrong-type');
    return;
  }
  if (value.length < shape.min) report(field, 'too-few');
  if (value.length > shape.max) report(field, 'too-many');
  value.forEach((entry, i) => checkShape(entry, shape.of, `${field}[${i}]`, report));
}

function checkObject(
  value: unknown,
  shape: Shape & { kind: 'object' },
  field: string,
  report: Report<ShapeProblem>,
): void {
  if (!isObject(value)) {
    report(field, 'wrong-type');
    return;
  }
  for (const [key, part] of Object.entries(shape.keys)) {
    if (Object.hasOwn(value, key)) checkShape(value[key], part, under(field, key), report);
    else if (shape.optional?.includes(key) !== true) report(under(field, key), 'missing');
  }
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(shape.keys, key)) report(under(field, key), 'unknown-key');
  }
}

function checkEither(
  value: unknown,
  shape: Shape & { kind: 'either' },
  field: string,
  report: Report<ShapeProblem>,
): void {
  if (!isObject(value)) {
    report(field, 'wrong-type');
    return;
  }
  const option = shape.options.find(
    ({ key, value: wanted }) => Object.hasOwn(value, key) && (wanted === undefined || value[key] === wanted),
  );
  if (option === undefined) report(field, 'not-allowed');
  else checkShape(value, option.shape, field, report);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function under(field: string, key: string): string {
  return field === '' ? key : `${field}.${key}`;
}
