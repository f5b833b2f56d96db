/** Object ids of PostgreSQL's types. */
const TEXT = 25;
const INT8 = 20;

/**
 * A column of texts in PostgreSQL's own binary form (array_send). As text every quote in every event would be escaped
 * here and unescaped there.
 */
export function textArray(values: readonly string[]): Buffer {
  const sizes = values.map((value) => Buffer.byteLength(value));
  const { out, at } = begin(
    TEXT,
    values.length,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  let next = at;
  for (const [index, value] of values.entries()) {
    const size = sizes[index] as number;
    out.writeInt32BE(size, next);
    out.write(value, next + 4, 'utf8');
    next += 4 + size;
  }
  return out;
}

/** The same for whole numbers below 2^53. */
export function bigintArray(values: readonly number[]): Buffer {
  const { out, at } = begin(INT8, values.length, values.length * 8);
  for (const [index, value] of values.entries()) {
    out.writeInt32BE(8, at + index * 12);
    out.writeBigInt64BE(BigInt(value), at + index * 12 + 4);
  }
  return out;
}

/** One dimension from 1 on, without nulls. An empty array has no dimension. */
function begin(type: number, count: number, bytes: number): { out: Buffer; at: number } {
  const head = count === 0 ? 12 : 20;
  const out = Buffer.allocUnsafe(head + bytes + 4 * count);
  out.writeInt32BE(count === 0 ? 0 : 1, 0);
  out.writeInt32BE(0, 4);
  out.writeInt32BE(type, 8);
  if (count > 0) {
    out.writeInt32BE(count, 12);
    out.writeInt32BE(1, 16);
  }
  return { out, at: head };
}
