import { CodedError } from '../../../shared/contract/errors.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import type { DeviceConnection, ReaderDevicePort } from '../ports/reader-device.ts';
import type { FrameLog } from './admin/frame-log.ts';
import type { Exchange } from './exchange.ts';
import { createExchange } from './exchange.ts';
import type { ReaderProfile } from './reader-profile.ts';
import { accessOf, carrierOf } from './reader-profile.ts';
import { within } from './wait.ts';

/**
 * Opens a device the way its profile says, to exchange commands with it. An open that comes too late is closed again,
 * so that no device stays taken.
 * @param ports.signal ends the wait early
 * @throws CodedError ID_CARD_TIMEOUT after `limitMs`, or what the port throws
 */
export async function openReader(
  ports: { port: ReaderDevicePort; clock: ClockPort; log: LogPort; frames?: FrameLog; signal?: AbortSignal },
  path: string,
  profile: ReaderProfile,
  limitMs: number,
): Promise<{ connection: DeviceConnection; exchange: Exchange }> {
  const { port, clock, log, frames, signal } = ports;
  const opening = port.open(path, accessOf(profile));
  const expired = (): CodedError => new CodedError('ID_CARD_TIMEOUT', 'open took too long');
  let connection: DeviceConnection;
  try {
    connection = await within(clock, limitMs, opening, expired, signal);
  } catch (error) {
    opening.then((late) => late.close()).catch(() => undefined);
    throw error;
  }
  const trace = frames?.trace();
  const carrier = carrierOf(profile);
  const exchange = createExchange({ connection, carrier, clock, log, ...(trace ? { trace } : {}) });
  return { connection, exchange };
}
