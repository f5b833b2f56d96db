import { createExchange } from '../../../electron/core/id-card/exchange.ts';
import { chooseReader } from '../../../electron/core/id-card/choose-reader.ts';
import type { ReaderProfile } from '../../../electron/core/id-card/reader-profile.ts';
import { accessOf, busOf, carrierOf } from '../../../electron/core/id-card/reader-profile.ts';
import { createSamLink } from '../../../electron/core/id-card/sam-link.ts';
import type { ClockPort } from '../../../electron/core/ports/clock.ts';
import type { LogPort } from '../../../electron/core/ports/log.ts';
import type { ReaderDevicePort } from '../../../electron/core/ports/reader-device.ts';
import { CodedError } from '../../../shared/contract/errors.ts';

/**
 * Find, select and `30 10` on the reader that is attached, over the program's own exchange: the longest answer
 * there is, 2321 bytes, byte for byte.
 * @throws CodedError what the exchange throws, or ID_CARD_READER_MISSING
 */
export async function readWithFingerprint(ports: {
  devices: ReaderDevicePort;
  profiles: readonly ReaderProfile[];
  clock: ClockPort;
  log: LogPort;
}): Promise<{ sw3: number; data: Uint8Array }> {
  const { devices, profiles, clock, log } = ports;
  const candidate = chooseReader(await devices.list([...new Set(profiles.map(busOf))]), profiles);
  const profile = candidate?.profiles[0];
  if (!candidate || !profile) throw new CodedError('ID_CARD_READER_MISSING');
  const connection = await devices.open(candidate.device.path, accessOf(profile));
  const exchange = createExchange({ connection, carrier: carrierOf(profile), clock, log });
  try {
    const sam = createSamLink({ exchange, profile, clock, log, signal: new AbortController().signal });
    await sam.start();
    for (const step of ['find', 'select'] as const) await sam.ask(step);
    return await sam.ask('readBaseWithFingerprint');
  } finally {
    await exchange.close();
  }
}
