import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describeReports } from '../../core/id-card/admin/report-descriptor.ts';
import { EXIT, UsageError, type CardAround, type ExitCode } from './around.ts';

const HIDRAW = '/sys/class/hidraw';

/**
 * `descriptor`: what a HID device says of its reports, for whoever writes a profile for it. Read from where Linux shows
 * it, so nothing is opened; elsewhere from a file.
 */
export async function descriptor(
  around: CardAround,
  target: string | undefined,
  { json }: { json: boolean },
): Promise<ExitCode> {
  const { words, say, tell } = around;
  if (target === undefined)
    throw new UsageError(words.own.missingArgument('descriptor <hidrawN|VID:PID|file>'));
  const bytes = (await ofDevice(target)) ?? (await readFile(target).catch(() => null));
  if (!bytes) {
    tell(process.platform === 'linux' ? words.own.noSuchDevice(target) : words.own.descriptorOnlyLinux);
    return EXIT.missing;
  }
  const described = describeReports(bytes);
  const hex = bytes.toString('hex').toUpperCase().match(/../g)?.join(' ') ?? '';
  if (json) {
    say(JSON.stringify({ hex, ...described }, null, 2));
    return EXIT.done;
  }
  for (const { usagePage, usage } of described.usages) {
    const typing = usagePage === 1 && (usage === 2 || usage === 6);
    say(words.own.use(hex4(usagePage), hex4(usage)) + (typing ? ` (${words.own.typing})` : ''));
  }
  for (const { id, input, output, feature } of described.reports)
    say(words.own.report(id, input, output, feature));
  say(hex);
  return EXIT.done;
}

/** By node name or by ids; null when Linux shows no such device. */
async function ofDevice(target: string): Promise<Buffer | null> {
  const ids = /^([0-9a-f]{4}):([0-9a-f]{4})$/i.exec(target);
  const names = ids ? await readdir(HIDRAW).catch(() => []) : [basename(target)];
  for (const name of names) {
    const folder = join(HIDRAW, name, 'device');
    if (ids) {
      const uevent = await readFile(join(folder, 'uevent'), 'utf8').catch(() => '');
      const wanted = `:0000${ids[1] ?? ''}:0000${ids[2] ?? ''}`.toUpperCase();
      if (!uevent.toUpperCase().includes(wanted)) continue;
    } else if (!name.startsWith('hidraw')) return null;
    const found = await readFile(join(folder, 'report_descriptor')).catch(() => null);
    if (found) return found;
  }
  return null;
}

const hex4 = (value: number): string => value.toString(16).padStart(4, '0').toUpperCase();
