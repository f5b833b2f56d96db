import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import { fileStamp } from '../settings/durable-file.ts';
import { writeNewFile, type JournalFiles } from './files.ts';
import type { Opening } from './origin.ts';
import { recordHead, sealRecord } from './record.ts';
import { segmentHeader, segmentName, segmentNumber, type SegmentScan } from './segment.ts';

interface RepairPorts {
  files: JournalFiles;
  folder: string;
  key: Uint8Array;
  clock: ClockPort;
  log: LogPort;
}

/**
 * Cuts off the write that a power cut interrupted, after a copy of it has been put aside. The copy is for the
 * curious only (those bytes were never acknowledged), so a full disk may prevent it.
 * @returns false when the file could not be cut: it must not be appended to then
 */
export async function cutTornTail(
  ports: RepairPorts,
  no: number,
  bytes: Uint8Array,
  at: number,
): Promise<boolean> {
  const { files, folder, clock, log } = ports;
  const copy = `torn-${String(no).padStart(6, '0')}-${fileStamp(clock.now())}.bin`;
  try {
    await writeNewFile(files, folder, copy, bytes.subarray(at));
  } catch (error) {
    log.write('warning', 'journal', 'torn tail could not be copied aside', { reason: String(error) });
  }
  try {
    const file = await files.open(`${folder}/${segmentName(no)}`, 'existing');
    try {
      await file.truncate(at);
      await file.datasync();
    } finally {
      await file.close();
    }
  } catch (error) {
    log.write('error', 'journal', 'torn tail could not be cut', { reason: String(error) });
    return false;
  }
  log.write('warning', 'journal', 'torn tail cut', { segment: no, from: at, bytes: bytes.length - at });
  return true;
}

/**
 * Replaces a damaged segment by its whole records, at their old numbers, and keeps the damaged file beside it as
 * `seg-….zcj.quarantine-<time>`. When there is no room for that now, the next start finds the same damage again.
 * @returns what the segment's file holds afterwards
 */
export async function repairSegment(
  ports: RepairPorts,
  no: number,
  bytes: Uint8Array,
  scan: SegmentScan,
  opening: Opening,
): Promise<Uint8Array> {
  const { files, folder, key, log } = ports;
  const name = segmentName(no);
  const parts: Uint8Array[] = [segmentHeader({ no, dev: opening.dev, inc: opening.inc })];
  // Number 0 is the opening record's, which may be what was lost.
  if (scan.records[0]?.head.index !== 0)
    parts.push(sealRecord(key, no, recordHead('opening', 0), JSON.stringify(opening)));
  for (const record of scan.records) parts.push(bytes.subarray(record.offset, record.end));
  const whole = Buffer.concat(parts);
  try {
    await writeNewFile(files, folder, `${name}.repaired`, whole);
  } catch (error) {
    log.write('error', 'journal', 'damaged segment could not be replaced', {
      segment: no,
      reason: String(error),
    });
    await files.remove(`${folder}/${name}.repaired`);
    return bytes;
  }
  await putAside(ports, no, 'quarantine');
  await files.rename(`${folder}/${name}.repaired`, `${folder}/${name}`);
  await files.syncFolder(folder);
  return whole;
}

/** Renames a segment so that it is kept and no longer read. */
export async function putAside(ports: RepairPorts, no: number, as: 'torn' | 'quarantine'): Promise<void> {
  const { files, folder, clock, log } = ports;
  const path = `${folder}/${segmentName(no)}`;
  await files.rename(path, `${path}.${as}-${fileStamp(clock.now())}`);
  await files.syncFolder(folder);
  log.write('warning', 'journal', `segment put aside as ${as}`, { segment: no });
}

/** A repair that was interrupted between its two renames is finished; one that had not come so far is forgotten. */
export async function finishRepairs(files: JournalFiles, folder: string): Promise<void> {
  const names = await files.names(folder);
  for (const name of names.filter((each) => each.endsWith('.repaired'))) {
    const target = name.slice(0, -'.repaired'.length);
    if (names.includes(target)) await files.remove(`${folder}/${name}`);
    else await files.rename(`${folder}/${name}`, `${folder}/${target}`);
    await files.syncFolder(folder);
  }
}

/** Moves every segment into a folder of its own, named after the time, where nothing reads it. */
export async function putAllAside(ports: RepairPorts): Promise<void> {
  const { files, folder, clock, log } = ports;
  const aside = `${folder}/sealed-${fileStamp(clock.now())}`;
  await files.makeFolder(aside);
  for (const name of await files.names(folder)) {
    if (segmentNumber(name) !== null) await files.rename(`${folder}/${name}`, `${aside}/${name}`);
  }
  await files.syncFolder(aside);
  await files.syncFolder(folder);
  log.write('error', 'journal', 'no segment opens with this key; all put aside', {});
}
