import type { Command } from '../../../shared/contract/central.ts';
import { COMMAND_LIMIT_MS } from '../../../shared/contract/central-limits.ts';
import type { Output } from '../../../shared/contract/index.ts';
import { commandAnswer } from '../../../shared/sync/messages.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import type { Session } from './session.ts';

/**
 * Asks the server whether a command may happen. Never throws and never takes longer than {@link COMMAND_LIMIT_MS}:
 * whatever is not a plain yes or no in that time is 'offline', and the clerk goes on with the fact.
 */
export function createAsk(ports: { session: Session; clock: ClockPort; log: LogPort }) {
  const { session, clock, log } = ports;
  return async (command: Command): Promise<Output<'central.ask'>> => {
    // A hello takes two exchanges; the clerk's second is not spent on it.
    if (!session.isOpen() || session.waitMs() > 0) return { answer: 'offline' };
    const control = new AbortController();
    let cancel: () => void = () => undefined;
    const late = new Promise<Output<'central.ask'>>((resolve) => {
      cancel = clock.after(COMMAND_LIMIT_MS, () => {
        // Our own impatience says nothing about the line.
        control.abort();
        resolve({ answer: 'offline' });
      });
    });
    try {
      return await Promise.race([answered(command, control.signal), late]);
    } finally {
      cancel();
    }
  };

  async function answered(command: Command, signal: AbortSignal): Promise<Output<'central.ask'>> {
    try {
      const answer = await session.call({
        method: 'POST',
        path: '/command',
        body: command,
        schema: commandAnswer,
        timeoutMs: COMMAND_LIMIT_MS * 2,
        signal,
      });
      if (answer.ok) return { answer: 'granted' };
      const { error, reason, by } = answer.refusal;
      if (error === 'refused') return { answer: 'refused', reason: reason ?? '', by: by ?? '' };
      log.write('warning', 'central', 'command not answered', { error });
    } catch {
      // The line has been told already.
    }
    return { answer: 'offline' };
  }
}
