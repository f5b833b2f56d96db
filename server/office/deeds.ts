import { createPrivateKey, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import type { Draft } from '../../shared/contract/journal.ts';
import { deviceId } from '../../shared/sync/device-id.ts';
import { makeEvent, type KeptEvent } from '../../shared/sync/event.ts';
import type { News } from '../api/news.ts';
import type { Database } from '../store/database.ts';
import { pushEvents } from '../store/push.ts';

/** What somebody in a back office does, before it has a place in the hall's order. */
export type Deed = Pick<Draft, 'type' | 'agg' | 'body'>;

/** Where and by whom. */
export interface Doer {
  hall: string;
  clerk: string;
}

export interface Deeds {
  /** Makes one event in the name of a clerk and hands it to the hall's devices. When it resolves it is committed. */
  make(doer: Doer, deed: Deed): Promise<void>;
}

interface OfficeDevice {
  dev: string;
  sign(text: string): string;
  inc: string;
  seq: number;
  hash: string;
}

/** Shown where a window would show its name. */
const STATION = 'office';
const BEIJING_MS = 8 * 3_600_000;

/**
 * The server as a device of each hall: its events are chained, hashed and numbered like everybody's, so windows pull
 * them like everybody's. Each process counts in an incarnation of its own: after a restored backup, or beside a second
 * process, no place is ever given twice (C4).
 */
export function createDeeds(ports: { database: Database; news: Pick<News, 'tell'> }): Deeds {
  const { database } = ports;
  const devices = new Map<string, OfficeDevice>();
  const turns = new Map<string, Promise<unknown>>();

  async function deviceOf(hall: string): Promise<OfficeDevice> {
    const known = devices.get(hall);
    if (known) return known;
    const { dev, privateKey } = await keyOf(database, hall);
    const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' });
    const device: OfficeDevice = {
      dev,
      sign: (text) => sign(null, Buffer.from(text), key).toString('base64'),
      inc: randomBytes(16).toString('hex'),
      seq: 0,
      hash: '',
    };
    devices.set(hall, device);
    return device;
  }

  async function make({ hall, clerk }: Doer, deed: Deed): Promise<void> {
    const device = await deviceOf(hall);
    const { dev, inc } = device;
    const seen = await database.pool.query<{ last: string | null; cursor: number }>(
      `select (select hash from event where hall = $1 and agg = $2 order by cursor desc limit 1) as last,
         head as cursor from hall where hall = $1`,
      [hall, deed.agg],
    );
    const { last = null, cursor = 0 } = seen.rows[0] ?? {};
    const kept: KeptEvent = makeEvent(
      { ...deed, typeV: 1, seen: { last: last ?? '', cursor }, user: clerk },
      { hall, dev, inc, station: STATION },
      { seq: device.seq + 1, prev: device.hash, cmd: randomUUID(), at: beijingTime(Date.now()) },
    );
    const { bytes, hash } = kept;
    const seq = device.seq + 1;
    const result = await pushEvents(database, {
      hall,
      dev,
      inc,
      from: seq,
      events: [{ bytes, hash }],
      signature: device.sign(`zongchuang-head-1\n${hall}\n${dev}\n${inc}\n${seq}\n${hash}`),
    });
    if (result.kind !== 'taken') {
      // The database went back below this process: what it does next begins a line of its own.
      devices.delete(hall);
      throw new Error(`the hall did not take the deed: ${result.kind}`);
    }
    Object.assign(device, { seq, hash });
    if (result.head !== null) ports.news.tell(hall, result.head);
  }

  return {
    make(doer, deed) {
      const turn = (turns.get(doer.hall) ?? Promise.resolve())
        .catch(() => undefined)
        .then(() => make(doer, deed));
      turns.set(
        doer.hall,
        turn.catch(() => {
          // Whether it was committed is not known: the same place must not be used for anything else.
          devices.delete(doer.hall);
        }),
      );
      return turn;
    },
  };
}

/** Made once for each hall and kept with its data. */
async function keyOf(database: Database, hall: string): Promise<{ dev: string; privateKey: string }> {
  const find = async () =>
    (
      await database.pool.query<{ dev: string; privateKey: string }>(
        'select dev, private_key as "privateKey" from office_device where hall = $1',
        [hall],
      )
    ).rows[0];
  const known = await find();
  if (known) return known;
  const pair = generateKeyPairSync('ed25519');
  const raw = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const privateKey = pair.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
  await database.transaction(async (client) => {
    const made = await client.query(
      'insert into office_device (hall, dev, private_key) values ($1, $2, $3) on conflict do nothing',
      [hall, deviceId(raw), privateKey],
    );
    if (made.rowCount === 0) return;
    // Small letters: no window's series ever looks like this.
    await client.query(
      `insert into device (dev, hall, station, station_name, series, public_key) values ($1, $2, $3, '后台', 'office', $4)`,
      [deviceId(raw), hall, STATION, raw.toString('base64')],
    );
  });
  return (await find()) as { dev: string; privateKey: string };
}

/** Halls of this program are in one time zone. @returns ISO 8601 with offset */
const beijingTime = (now: number): string => new Date(now + BEIJING_MS).toISOString().replace('Z', '+08:00');
