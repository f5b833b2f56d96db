import type { Driver } from '../driver-client.ts';
import { expectedFingerprintAnswer, mustBe, sha256 } from '../expected-cards.ts';
import type { LabReader } from '../reader-on-wire.ts';
import { pause } from '../wires/wire.ts';

/** How many packets a card's data must take. */
export interface PacketCount {
  /** On the device's side of the cable. */
  sent: number;
  /** At the driver; absent where the bus puts packets together as it likes. */
  received?: number;
}

export async function ready(driver: Driver): Promise<void> {
  await driver.until('waiting for a card', ({ phase }) => phase === 'waiting');
}

/**
 * Lays a card down, compares what is told with what the card says, and lifts it.
 * @returns milliseconds from laying down to the telling
 */
export async function readCard(
  driver: Driver,
  reader: LabReader,
  id: string,
  packets?: PacketCount,
): Promise<number> {
  reader.longestAnswer();
  const began = performance.now();
  reader.cards.place(id);
  const told = await driver.nextRead();
  const ms = Math.round(performance.now() - began);
  mustBe(told.read.document, id);
  if (packets) mustEqual('packets sent', reader.longestAnswer(), packets.sent);
  if (packets?.received !== undefined) mustEqual('packets received', told.packets, packets.received);
  return ms;
}

export async function lift(driver: Driver, reader: LabReader): Promise<void> {
  reader.cards.lift();
  await ready(driver);
}

/** A card that goes on lying there must be told of once; then the reminder to lift it comes. */
export async function leaveLying(driver: Driver): Promise<void> {
  const before = driver.reads.length;
  await driver.until('please lift', ({ phase }) => phase === 'lift');
  await pause(1000);
  mustEqual('reads of a card left lying', driver.reads.length, before);
}

/** `30 10` through the program's own exchange: 2321 bytes, every one compared. */
export async function readFingerprints(
  driver: Driver,
  reader: LabReader,
  id: string,
  packets: number,
): Promise<void> {
  reader.cards.place(id);
  reader.longestAnswer();
  const answer = await driver.readWithFingerprint();
  const data = Buffer.from(answer.data, 'base64');
  const expected = expectedFingerprintAnswer(id);
  mustEqual('status', answer.sw3, 0x90);
  mustEqual('bytes', data.length, expected.length);
  if (sha256(data) !== expected.sha256) throw new Error('the data differ from the card');
  mustEqual('packets sent', reader.longestAnswer(), packets);
  mustEqual('packets received', answer.packets, packets);
}

export function mustEqual(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${what}: ${String(found)}, expected ${String(expected)}`);
}
