import { CodedError, type ErrorCode } from '../../../../shared/contract/errors.ts';
import type { ProbeAttempt } from '../../../../shared/contract/reader.ts';
import type { ClockPort } from '../../ports/clock.ts';
import type { LogPort } from '../../ports/log.ts';
import type { DeviceInfo, ReaderDevicePort } from '../../ports/reader-device.ts';
import { isNeverAReader } from '../choose-reader.ts';
import type { Exchange } from '../exchange.ts';
import { openReader } from '../open-reader.ts';
import type { ReaderProfile } from '../reader-profile.ts';
import { busOf, variantsOf } from '../reader-profile.ts';
import { COMMANDS } from '../sam-commands.ts';
import { formatSamId } from '../sam-link.ts';
import { samStatus } from '../sam-status.ts';
import { within } from '../wait.ts';
import type { FrameLog } from './frame-log.ts';

const OPEN_LIMIT_MS = 3000;
const CLOSE_LIMIT_MS = 1000;
/** However many profiles there are: whoever asked still waits. */
const WHOLE_LIMIT_MS = 30_000;

/**
 * Finds out which framing a device understands, on an admin's word: `11 FF` in one profile's framing after the other
 * until it answers, then `12 FF` for its number. Nothing else is ever sent, since nobody knows what other bytes
 * do to an unknown device. The device is closed after every attempt.
 * @param profiles tried in this order; those of another bus are left out
 * @throws CodedError WIRE_BAD_INPUT for keyboards, mice and boot loaders, which nothing is sent to, and when no
 *   profile is for this bus
 */
export async function probeDevice(
  ports: { devices: ReaderDevicePort; clock: ClockPort; log: LogPort; frames?: FrameLog },
  device: DeviceInfo,
  profiles: readonly ReaderProfile[],
): Promise<ProbeAttempt[]> {
  const { clock } = ports;
  if (isNeverAReader(device)) throw new CodedError('WIRE_BAD_INPUT', 'never a reader');
  const wanted = profiles.filter((profile) => busOf(profile) === device.bus).flatMap(variantsOf);
  if (wanted.length === 0) throw new CodedError('WIRE_BAD_INPUT', 'no profile for this bus');
  const began = clock.monotonic();
  const attempts: ProbeAttempt[] = [];
  for (const profile of wanted) {
    if (clock.monotonic() - began > WHOLE_LIMIT_MS) break;
    const from = clock.monotonic();
    const { outcome, sam, final } = await tryProfile(ports, device, profile);
    attempts.push({ profile: profile.id, outcome, sam, tookMs: Math.round(clock.monotonic() - from) });
    if (final) break;
  }
  return attempts;
}

/** Why opening fails whatever the profile: another one need not be tried. */
const NOT_THIS_PROFILE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ID_CARD_READER_MISSING',
  'ID_CARD_READER_BUSY',
  'ID_CARD_NO_PERMISSION',
  'ID_CARD_DRIVER_CRASHED',
]);

interface Outcome {
  outcome: ProbeAttempt['outcome'];
  sam: string;
  /** The device has answered in this framing, or cannot be opened in any: no other need be tried. */
  final: boolean;
}

async function tryProfile(
  ports: { devices: ReaderDevicePort; clock: ClockPort; log: LogPort; frames?: FrameLog },
  device: DeviceInfo,
  profile: ReaderProfile,
): Promise<Outcome> {
  const { devices, clock, log } = ports;
  const { frames } = ports;
  let exchange: Exchange;
  try {
    const on = { port: devices, clock, log, ...(frames ? { frames } : {}) };
    ({ exchange } = await openReader(on, device.path, profile, OPEN_LIMIT_MS));
  } catch (error) {
    const outcome = codeOf(error);
    return { outcome, sam: '', final: NOT_THIS_PROFILE.has(outcome) };
  }
  try {
    const ask = () => exchange.request(COMMANDS.samStatus);
    // What comes back damaged is asked for once more.
    const { sw3: answer } = await ask().catch((error: unknown) => {
      if (codeOf(error) !== 'ID_CARD_BAD_FRAME') throw error;
      return ask();
    });
    const status = samStatus(answer);
    if (status.kind !== 'success') return { outcome: status.error, sam: '', final: true };
    const sam = await exchange
      .request(COMMANDS.samId)
      .then(({ sw3, data }) => (samStatus(sw3).kind === 'success' ? formatSamId(data) : ''))
      .catch(() => '');
    return { outcome: 'answered', sam, final: true };
  } catch (error) {
    const outcome = codeOf(error);
    return { outcome, sam: '', final: outcome === 'ID_CARD_CLOUD_ONLY' };
  } finally {
    await within(clock, CLOSE_LIMIT_MS, exchange.close(), () => new Error('close took too long')).catch(
      (error: unknown) =>
        log.write('warning', 'id-card', 'the probed device was not closed', { reason: String(error) }),
    );
  }
}

const codeOf = (error: unknown): ErrorCode =>
  error instanceof CodedError ? error.code : 'ID_CARD_READER_FAILED';
