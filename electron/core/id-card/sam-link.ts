import { CodedError } from '../../../shared/contract/errors.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import type { Exchange, ExchangeReply } from './exchange.ts';
import type { ReaderProfile } from './reader-profile.ts';
import type { CommandName } from './sam-commands.ts';
import { COMMANDS } from './sam-commands.ts';
import type { SamStatus } from './sam-status.ts';
import { samStatus } from './sam-status.ts';
import { wait } from './wait.ts';

/** After a reset the SAM tests itself; asking earlier gives 60. */
const AFTER_RESET_MS = 1000;
/** So many unanswered commands in a row mean that the line is dead, not that the SAM is slow. */
const DEAD_AFTER_TIMEOUTS = 2;

/** One command failed, and the next may work; everything else needs the reader opened anew, or a hand. */
export function isBearable(error: unknown): error is CodedError {
  return (
    error instanceof CodedError && (error.code === 'ID_CARD_TIMEOUT' || error.code === 'ID_CARD_BAD_FRAME')
  );
}

/** Talks to the SAM of one connected reader and puts up with what can be put up with. */
export interface SamLink {
  /**
   * One command. What the SAM did not understand, or what came back damaged, is sent once more.
   * @throws CodedError ID_CARD_TIMEOUT or ID_CARD_BAD_FRAME when this command failed; ID_CARD_READER_FAILED
   *   when the reader has to be opened anew
   */
  ask(name: CommandName, options?: { limitMs?: number }): Promise<ExchangeReply>;
  /** Makes sure the SAM works (`11 FF`), resetting it when its self-test failed. Throws when it does not. */
  start(): Promise<void>;
  /** The reset ladder: `10 FF`, a second, `11 FF`. Throws as {@link start} does when that did not help. */
  reset(): Promise<void>;
  /** The SAM's number, by which a reader is known to its maker and in the support report; null when it gives none. */
  identity(): Promise<string | null>;
  /** Drops the radio field so that a card lying there can be found again; the reader's own command, else a reset. */
  dropField(): Promise<void>;
}

export function createSamLink(ports: {
  exchange: Exchange;
  profile: ReaderProfile;
  clock: ClockPort;
  log: LogPort;
  signal: AbortSignal;
}): SamLink {
  const { exchange, profile, clock, log, signal } = ports;
  let timeouts = 0;

  const once = async (name: CommandName, limitMs?: number): Promise<ExchangeReply> => {
    const command = COMMANDS[name];
    try {
      const data = name === 'setMaxRf' ? Uint8Array.of(profile.maxRfBytes ?? 0x50) : undefined;
      const reply = await exchange.request(
        { ...command, limitMs: limitMs ?? profile.limitsMs[name] ?? command.limitMs },
        data,
      );
      timeouts = 0;
      return reply;
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'ID_CARD_TIMEOUT') throw error;
      timeouts += 1;
      log.write('warning', 'id-card', 'no answer from the reader', { command: name, inARow: timeouts });
      if (timeouts < DEAD_AFTER_TIMEOUTS) throw error;
      throw new CodedError('ID_CARD_READER_FAILED', 'the reader does not answer', { cause: error });
    }
  };

  const ask: SamLink['ask'] = async (name, options) => {
    try {
      const reply = await once(name, options?.limitMs);
      if (samStatus(reply.sw3).kind !== 'resend') return reply;
      log.write('debug', 'id-card', 'command sent again', { command: name, status: reply.sw3 });
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'ID_CARD_BAD_FRAME') throw error;
      log.write('warning', 'id-card', 'damaged answer, command sent again', {
        command: name,
        reason: error.message,
      });
    }
    return once(name, options?.limitMs);
  };

  /** @returns null when it is ready, else what it says, worth a reset */
  const checkStatus = async (): Promise<SamStatus | null> => {
    const { sw3 } = await ask('samStatus');
    const status = samStatus(sw3);
    if (status.kind === 'success') return null;
    if (status.kind === 'reader-refused') throw new CodedError(status.error, status.meaning);
    log.write('warning', 'id-card', 'the reader is not ready', { status: sw3, meaning: status.meaning });
    return status;
  };

  const reset = async (): Promise<void> => {
    await ask('resetSam');
    await wait(clock, AFTER_RESET_MS, signal);
    const still = signal.aborted ? null : await checkStatus();
    if (still) throw new CodedError(still.error, 'the reader is not ready after a reset');
  };

  return {
    ask,
    reset,
    async start() {
      // Asked twice, since a SAM that has just been powered is still testing itself.
      if ((await checkStatus()) === null) return;
      if ((await checkStatus()) !== null) await reset();
    },
    async identity() {
      try {
        const { sw3, data } = await ask('samId');
        return samStatus(sw3).kind === 'success' ? formatSamId(data) : null;
      } catch (error) {
        if (isBearable(error)) return null;
        throw error;
      }
    },
    async dropField() {
      const bytes = profile.antennaOff?.match(/../g)?.map((hex) => Number.parseInt(hex, 16));
      if (!bytes) return reset();
      const [command = 0, parameter = 0, ...data] = bytes;
      await exchange.request({ ...COMMANDS.resetSam, command, parameter }, Uint8Array.from(data));
    },
  };
}

/**
 * The 16 bytes of a SAM's number as readers' tools print them: two, two, eight, ten and ten digits
 * (`05.01-20200101-0001234567-0007654321`), all little-endian.
 */
export function formatSamId(data: Uint8Array): string {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const digits = (value: number, width: number): string => String(value).padStart(width, '0');
  const words = [4, 8, 12].map((at, i) => digits(view.getUint32(at, true), i === 0 ? 8 : 10));
  return `${digits(view.getUint16(0, true), 2)}.${digits(view.getUint16(2, true), 2)}-${words.join('-')}`;
}
