import { z } from 'zod';
import { deviceSchema } from '../../../shared/contract/app.ts';
import { certificateSchema } from '../../../shared/sync/messages.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import { readIfThere, setAside, writeDurably } from '../settings/durable-file.ts';

const enrolmentSchema = z.object({
  device: deviceSchema,
  server: z.string(),
  /** The server's sealed word about this place, shown at every hello. Absent from a server that gives none. */
  certificate: certificateSchema.optional(),
});

/** Which place this device holds, and at which server. */
export type Enrolment = z.infer<typeof enrolmentSchema>;

export interface DeviceFile {
  readonly notices: readonly string[];
  /** null until enrolled. */
  current(): Enrolment | null;
  /** Durable, together with its copy, when it resolves. @throws CodedError PROFILE_NOT_WRITABLE */
  save(enrolment: Enrolment): Promise<void>;
}

/**
 * The enrolment, kept twice: a device that forgets its place would have to be enrolled again by an admin. A damaged
 * file is kept under another name and replaced by its copy.
 * @param dev this device's id; an enrolment of another key is put aside, because its server would refuse ours
 */
export async function openDeviceFile(ports: {
  profile: string;
  dev: string;
  clock: ClockPort;
  log: LogPort;
}): Promise<DeviceFile> {
  const { profile, dev, clock, log } = ports;
  const path = `${profile}/device.json`;
  const copyPath = `${profile}/device.backup.json`;
  const notices: string[] = [];
  const main = await readOne(path);
  const copy = await readOne(copyPath);
  let current = main.value ?? copy.value;

  const putAside = async (which: string): Promise<void> => {
    try {
      await setAside(which, clock.now());
    } catch (error) {
      log.write('error', 'central', 'enrolment could not be put aside', { reason: String(error) });
    }
  };
  if (main.is === 'damaged') await putAside(path);
  if (copy.is === 'damaged') await putAside(copyPath);
  if (current && current.device.dev !== dev) {
    notices.push('device-key-lost');
    if (main.value) await putAside(path);
    if (copy.value) await putAside(copyPath);
    current = null;
  } else if (current && !(main.value && copy.value)) {
    if (main.is === 'damaged') notices.push('device-restored');
    await write(current).catch((error: unknown) => {
      log.write('error', 'central', 'enrolment could not be written', { reason: String(error) });
    });
  } else if (!current && (main.is === 'damaged' || copy.is === 'damaged')) notices.push('device-lost');
  for (const name of notices) log.write('error', 'central', name);

  async function write(enrolment: Enrolment): Promise<void> {
    const text = JSON.stringify(enrolment, null, 2);
    await writeDurably(path, text);
    await writeDurably(copyPath, text);
  }

  return {
    notices,
    current: () => current,
    async save(enrolment) {
      try {
        await write(enrolment);
      } catch (error) {
        throw new CodedError('PROFILE_NOT_WRITABLE', 'device.json', { cause: error });
      }
      current = enrolment;
    },
  };
}

async function readOne(
  path: string,
): Promise<{ is: 'there' | 'absent' | 'damaged'; value: Enrolment | null }> {
  const text = await readIfThere(path);
  if (text === null) return { is: 'absent', value: null };
  try {
    return { is: 'there', value: enrolmentSchema.parse(JSON.parse(text)) };
  } catch {
    return { is: 'damaged', value: null };
  }
}
