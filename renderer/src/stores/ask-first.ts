import type { Command } from '../../../shared/contract/central.ts';
import { COMMAND_LIMIT_MS } from '../../../shared/contract/central-limits.ts';
import type { Bridge } from '../bridge/bridge.ts';

/** What the server said; `reason` and `by` are '' unless it refused. */
export interface Asked {
  answer: 'granted' | 'refused' | 'offline';
  reason: string;
  by: string;
}

/**
 * Asks whether a command may happen, before it is taken down as a fact. Never throws and never takes longer than
 * {@link COMMAND_LIMIT_MS}, whatever machine and line do: a citizen stands at the window.
 */
export async function askFirst(bridge: Bridge, command: Command): Promise<Asked> {
  const offline: Asked = { answer: 'offline', reason: '', by: '' };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Asked>((resolve) => {
    timer = setTimeout(() => resolve(offline), COMMAND_LIMIT_MS);
  });
  const asked = bridge
    .call('central.ask', command)
    .then((said) => ({ ...offline, ...said }))
    .catch(() => offline);
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
