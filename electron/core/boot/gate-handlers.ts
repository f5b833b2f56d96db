import type { Handlers } from '../../../shared/contract/index.ts';
import { METHOD_NAMES, type MethodName } from '../../../shared/contract/names.ts';

/**
 * The same handlers behind a gate, so that a shell can show its window while the core still starts: each call
 * waits for the start and fails as the start failed.
 * @param started settles when the core has started or could not
 * @param beforeBoot a further wait of `app.boot` alone: the window's first question should find the device enrolled
 */
export function gateHandlers(
  handlers: Handlers,
  started: Promise<void>,
  beforeBoot: Promise<void>,
): Handlers {
  // Somebody else reports a failed start; here it is only handed to whoever calls.
  started.catch(() => undefined);
  const gated = (name: MethodName) => async (input: never) => {
    await started;
    if (name === 'app.boot') await beforeBoot;
    return (handlers[name] as (input: never) => Promise<unknown>)(input);
  };
  return Object.fromEntries(METHOD_NAMES.map((name) => [name, gated(name)])) as unknown as Handlers;
}
