import { WITHOUT_NATIVE } from '../driver-client.ts';
import type { Lab, Scenario } from '../lab.ts';
import { pullCable } from './pull-cable.ts';
import type { PacketCount } from './read-cards.ts';
import { leaveLying, lift, mustEqual, readCard, readFingerprints, ready } from './read-cards.ts';

/** Reports of the two long answers: 1295 and 2321 bytes, 54 to a report (miaxis), 59 and then 62 (dk). */
const REPORTS = { miaxis: { base: 24, fingerprint: 43 }, dk: { base: 21, fingerprint: 38 } };

/** Both ways a HID reader can be had without one: the HID core alone, and the whole USB stack under it. */
type Way = 'uhid' | 'usb';
type Framing = keyof typeof REPORTS;

export const reports = (count: number): PacketCount => ({ sent: count, received: count });

async function base(lab: Lab, by: Way, framing: Framing): Promise<string> {
  const reader = lab.hidReader(by, framing);
  const driver = lab.driver();
  await reader.plug();
  await ready(driver);
  const count = REPORTS[framing].base;
  const first = await readCard(driver, reader, 'jia', reports(count));
  // Once for each framing: it takes four seconds.
  if (by === 'usb') await leaveLying(driver);
  await lift(driver, reader);
  const second = await readCard(driver, reader, 'yi', reports(count));
  return `${count} reports; 2 cards, told once each, in ${first} and ${second} ms`;
}

/** The card with its fingers through the reader logic, every field compared. */
async function fingerprint(lab: Lab, by: Way, framing: Framing): Promise<string> {
  const reader = lab.hidReader(by, framing);
  const driver = lab.driver({ readFingerprint: true });
  await reader.plug();
  await ready(driver);
  const count = REPORTS[framing].fingerprint;
  const ms = await readCard(driver, reader, 'yi', reports(count));
  const fingers = driver.reads[0]?.read.fingerprints?.map(({ fingerCode }) => fingerCode).join(' ');
  mustEqual('fingers', fingers, '11 16');
  return `${count} reports; card with two fingers in ${ms} ms`;
}

/** The same answer as it came, before anything is made of it. */
async function everyByte(lab: Lab): Promise<string> {
  const reader = lab.hidReader('usb', 'miaxis');
  const driver = lab.driver({ commandsOnly: true });
  await reader.plug();
  await readFingerprints(driver, reader, 'rare', REPORTS.miaxis.fingerprint);
  return `${REPORTS.miaxis.fingerprint} reports, 2310 bytes the same`;
}

/** On a machine where node-hid cannot be loaded (LoongArch) the kernel's own devices are used. */
async function withoutNodeHid(lab: Lab): Promise<string> {
  const reader = lab.hidReader('usb', 'miaxis');
  const driver = lab.driver({ deviceHost: WITHOUT_NATIVE });
  await reader.plug();
  await ready(driver);
  const ms = await readCard(driver, reader, 'taiwan', reports(REPORTS.miaxis.base));
  if (!driver.lines.some((line) => line.includes('without node-hid'))) throw new Error('node-hid was used');
  return `card in ${ms} ms`;
}

const scenario = (name: string, run: (lab: Lab) => Promise<string>): Scenario => ({
  name,
  limitMs: 60_000,
  run,
});

export const hidScenarios: readonly Scenario[] = [
  scenario('uhid-24-reports', (lab) => base(lab, 'uhid', 'miaxis')),
  scenario('uhid-43-reports', (lab) => fingerprint(lab, 'uhid', 'miaxis')),
  scenario('uhid-dk', (lab) => base(lab, 'uhid', 'dk')),
  scenario('uhid-dk-fingerprint', (lab) => fingerprint(lab, 'uhid', 'dk')),
  scenario('uhid-unplugged', (lab) => pullCable(lab, lab.hidReader('uhid', 'miaxis'), reports(24))),
  scenario('usb-24-reports', (lab) => base(lab, 'usb', 'miaxis')),
  scenario('usb-43-reports', (lab) => fingerprint(lab, 'usb', 'miaxis')),
  scenario('usb-43-reports-every-byte', everyByte),
  scenario('usb-dk', (lab) => base(lab, 'usb', 'dk')),
  scenario('usb-without-node-hid', withoutNodeHid),
];
