import { contract, type Handlers } from './index.ts';
import { CodedError, toWireError, type WireError } from './errors.ts';
import { METHOD_NAMES, type EventName, type MethodName } from './names.ts';

/** The envelope. Failures are values, because Electron's `invoke` keeps nothing of an exception but its message. */
export type Reply = { ok: true; value: unknown } | { ok: false; error: WireError };

/** Messages on a stream transport (WebSocket). Electron's IPC needs no id and sends {@link Reply} itself. */
export type Message =
  | { kind: 'call'; id: number; name: string; input: unknown }
  | { kind: 'reply'; id: number; reply: Reply }
  | { kind: 'event'; name: EventName; payload: unknown };

/** Longest a method may take before the caller is told so, in milliseconds. */
export const CALL_TIME_LIMIT_MS = 15_000;
const SLOW: Partial<Record<MethodName, number>> = {
  // Network calls have their own, shorter limits inside; these only catch a handler that forgot.
  'central.pull': 40_000,
  'central.push': 40_000,
  'central.snapshot': 40_000,
  'central.want': 40_000,
  'central.donate': 40_000,
  // A whole journal to or from a USB stick.
  'journal.export': 300_000,
  'journal.import': 300_000,
  'journal.restore': 60_000,
  // The reader's admin waits for a card, or tries one framing after another.
  'reader.probe': 40_000,
  'reader.testRead': 40_000,
};

const known: ReadonlySet<string> = new Set(METHOD_NAMES);

/**
 * Answers one call: own-name look-up, parse, time limit, error to code. Served by every transport alike.
 *
 * @param onUnexpected told of failures that carry no code of ours, so that one place logs them
 * @returns never rejects
 */
export async function dispatch(
  handlers: Handlers,
  name: string,
  input: unknown,
  onUnexpected: (name: string, error: unknown) => void = () => undefined,
): Promise<Reply> {
  // A set of own names: `constructor` and `__proto__` find nothing.
  if (!known.has(name)) return fail(new CodedError('WIRE_UNKNOWN_METHOD'));
  const method = name as MethodName;
  const parsed = contract[method].input.safeParse(input ?? {});
  if (!parsed.success) {
    const paths = parsed.error.issues.map((issue) => issue.path.join('.') || '(root)').join(', ');
    return fail(new CodedError('WIRE_BAD_INPUT', `${name}: ${paths}`));
  }
  const handler = handlers[method] as (value: unknown) => Promise<unknown>;
  try {
    const value = await withTimeLimit(handler(parsed.data), SLOW[method] ?? CALL_TIME_LIMIT_MS);
    return { ok: true, value };
  } catch (error) {
    if (!(error instanceof CodedError)) onUnexpected(name, error);
    return fail(error);
  }
}

const fail = (error: unknown): Reply => ({ ok: false, error: toWireError(error) });

/** Rejects with WIRE_TIMEOUT after `ms`; the work itself is not stopped. */
export async function withTimeLimit<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CodedError('WIRE_TIMEOUT')), ms);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
