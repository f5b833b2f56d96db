import type { MethodName } from '../../../shared/contract/names.ts';
import type { Reply } from '../../../shared/contract/wire.ts';
import { CodedError } from '../../../shared/contract/errors.ts';

/** A little more than the machine allows itself, so that its own WIRE_TIMEOUT arrives first. */
const LIMIT_MS = 16_000;
const SLOW_LIMIT_MS = 41_000;
const SLOW: ReadonlySet<MethodName> = new Set<MethodName>([
  'central.pull',
  'central.push',
  'central.snapshot',
  'central.want',
  'central.donate',
  'reader.probe',
  'reader.testRead',
]);

/** @returns milliseconds after which an unanswered call is given up */
export const limitOf = (name: MethodName): number => (SLOW.has(name) ? SLOW_LIMIT_MS : LIMIT_MS);

/** @returns the value of a reply; throws its error as a CodedError */
export function valueOf(reply: Reply): unknown {
  if (reply.ok) return reply.value;
  throw new CodedError(reply.error.code, reply.error.detail);
}
