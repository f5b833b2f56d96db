import type { DriverOptions } from '../driver-client.ts';
import type { Lab } from '../lab.ts';
import type { LabReader } from '../reader-on-wire.ts';
import type { PacketCount } from './read-cards.ts';
import { lift, mustEqual, readCard, ready } from './read-cards.ts';

/**
 * The cable is pulled when half of the card's data is out, and plugged in again: nothing may be told of the
 * half card, and the next card must be read.
 */
export async function pullCable(
  lab: Lab,
  reader: LabReader,
  packets: PacketCount,
  options: DriverOptions = {},
): Promise<string> {
  const driver = lab.driver(options);
  await reader.plug();
  await ready(driver);
  await readCard(driver, reader, 'jia', packets);
  await lift(driver, reader);

  reader.faults.add({ on: 'read', unplug: 'half-way' });
  reader.longestAnswer();
  reader.cards.place('yi');
  await driver.until('reading', ({ phase }) => phase === 'reading');
  const pulledAt = performance.now();
  const lost = await driver.until('noticing the pulled cable', ({ phase }) => phase !== 'reading');
  const noticed = Math.round(performance.now() - pulledAt);
  if (lost.phase !== 'connecting' && lost.phase !== 'error') throw new Error(`then ${lost.phase}`);
  mustEqual('error', lost.error, 'ID_CARD_READER_FAILED');
  mustEqual('packets sent before', reader.longestAnswer(), Math.floor(packets.sent / 2));
  await driver.until('missing the reader', ({ error }) => error === 'ID_CARD_READER_MISSING');
  mustEqual('cards told', driver.reads.length, 1);

  reader.cards.lift();
  const pluggedAt = performance.now();
  await reader.plug();
  await ready(driver);
  const back = Math.round(performance.now() - pluggedAt);
  await readCard(driver, reader, 'rare', packets);
  mustEqual('cards told', driver.reads.length, 2);
  return `noticed ${noticed} ms after reading began, back ${back} ms after plugging in, next card read`;
}
