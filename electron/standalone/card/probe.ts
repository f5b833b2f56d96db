import { idsOf } from '../../core/id-card/admin/inspect-devices.ts';
import { LISTED_BUSES } from '../../core/id-card/admin/inspect-devices.ts';
import { probeDevice } from '../../core/id-card/admin/probe-device.ts';
import { isNeverAReader } from '../../core/id-card/choose-reader.ts';
import type { ReaderProfile } from '../../core/id-card/reader-profile.ts';
import { busOf } from '../../core/id-card/reader-profile.ts';
import type { DeviceInfo } from '../../core/ports/reader-device.ts';
import { EXIT, UsageError, type CardAround, type ExitCode } from './around.ts';
import { loadProfiles } from './profiles.ts';

export interface ProbeOptions {
  target: string | undefined;
  /** Empty: all of its bus. */
  profiles: readonly string[];
  yes: boolean;
  json: boolean;
}

/** `probe`: which framing a device speaks. Asks before it sends anything. */
export async function probe(around: CardAround, options: ProbeOptions): Promise<ExitCode> {
  const { words, say, tell, clock, log } = around;
  const { target, yes, json } = options;
  if (target === undefined) throw new UsageError(words.own.missingArgument('<VID:PID|path>'));
  const all = await loadProfiles(around);
  const chosen = options.profiles.map((id) => {
    const found = all.find((profile) => profile.id === id);
    if (!found) throw new UsageError(words.own.unknownProfile(id));
    return found;
  });
  if (await around.isRunning()) {
    tell(words.own.running);
    return EXIT.held;
  }
  const devices = around.devices();
  const device = await find(around, target, chosen);
  if (device === null) return EXIT.missing;
  if (isNeverAReader(device)) {
    tell(words.own.neverProbe);
    return EXIT.failed;
  }
  const profiles = (chosen.length > 0 ? chosen : all).filter((profile) => busOf(profile) === device.bus);
  if (profiles.length === 0) {
    tell(words.own.noProfileForIt);
    return EXIT.failed;
  }
  if (!yes) {
    tell(words.own.willSend([device.product, idsOf(device), device.path].filter(Boolean).join(' ')));
    tell(`  ${words.own.willSendWhat}`);
    tell(`  ${profiles.map(({ id }) => id).join(' → ')}`);
    tell(words.own.probeRisk);
    if (!around.confirm) {
      tell(words.own.needsYes);
      return EXIT.usage;
    }
    if (!(await around.confirm(words.own.goOn + words.own.yesNo))) {
      tell(words.own.notDone);
      return EXIT.failed;
    }
  }
  const attempts = await probeDevice({ devices, clock, log }, device, profiles);
  const answered = attempts.find(({ outcome }) => outcome === 'answered');
  if (json) say(JSON.stringify({ device: { ...device, ids: idsOf(device) }, attempts }, null, 2));
  else {
    for (const { profile, outcome, sam, tookMs } of attempts) {
      const word =
        outcome === 'answered' ? words.own.answered(sam) : words.of(`readerPage.outcome.${outcome}`);
      say(`${profile}: ${word} (${tookMs} ms)`);
    }
    if (answered) say(words.own.useChoice(`${answered.profile}@${choiceTarget(device)}`));
    else tell(words.own.nothingAnswered);
  }
  return answered ? EXIT.done : EXIT.failed;
}

const choiceTarget = (device: DeviceInfo): string =>
  device.bus === 'serial' || device.vendorId === 0 ? device.path : idsOf(device).toLowerCase();

/** @returns null when there is none, or more than one; that has been said then */
async function find(
  around: CardAround,
  target: string,
  chosen: readonly ReaderProfile[],
): Promise<DeviceInfo | null> {
  const { words, tell } = around;
  const wanted = target.toUpperCase();
  const listed = await around.devices().list(LISTED_BUSES, { withTyping: true });
  const matching = listed.filter((device) => device.path === target || idsOf(device) === wanted);
  const paths = [...new Set(matching.map(({ bus, path }) => `${bus} ${path}`))];
  // One HID device has several entries; one of them that types decides for all.
  const device = matching.find(isNeverAReader) ?? matching[0];
  if (device && paths.length === 1) return device;
  // A serial port need not be listed (a pseudo terminal, a port of a container): then the profile says what it is.
  const [only] = chosen;
  if (!device && only && busOf(only) === 'serial' && !/^[0-9a-f]{4}:[0-9a-f]{4}$/i.test(target))
    return { bus: 'serial', path: target, vendorId: 0, productId: 0, product: '', manufacturer: '' };
  tell(device ? words.own.severalDevices(target) : words.own.noSuchDevice(target));
  for (const path of paths) tell(`  ${path}`);
  return null;
}
