import { openHallDb, type HallDbPorts } from '../../renderer/src/db/open-hall-db.ts';
import type { NewEvent } from '../../renderer/src/db/hall-db.ts';
import { makeEvent, type KeptEvent } from '../../shared/sync/event.ts';
import { nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';
import { acceptedBody } from '../fixtures/cases.ts';
import type { memoryMachine } from '../fixtures/memory-machine.ts';

export const KEY = btoa(String.fromCharCode(...new Uint8Array(32).fill(5)));
export const DAY = '2026-11-21';
export const device = (letter: string) => ({
  dev: letter.repeat(26),
  hall: '330102',
  hallName: '演示大厅',
  station: '3',
  stationName: '综合窗口3',
  series: letter,
});

let counter = 0;
/** A database name no other test has. */
export const freshName = (): string => `hall-db-${process.pid}-${counter++}`;

export const openOn = (
  machine: ReturnType<typeof memoryMachine>,
  name: string,
  more: Partial<HallDbPorts> = {},
) =>
  openHallDb({
    bridge: machine.bridge,
    device: device('A'),
    clerkId: () => 'clerk-1',
    sealKey: KEY,
    lookupKey: KEY,
    name,
    formerName: `${name}-former`,
    ...more,
  });

export const accepted = (n: number, name = '测试甲', idNumber?: string): NewEvent => {
  const body = acceptedBody(n, idNumber);
  return {
    type: 'case.accepted',
    agg: `case/c${n}`,
    body: { ...body, applicant: { ...body.applicant, name } },
  };
};

export const ticket = (no: string): NewEvent => ({
  type: 'ticket.taken',
  agg: `ticket/${no}`,
  body: { no, class: 'normal', day: DAY },
});

/** Events of another device of the hall, in the server's order from `cursor` on, with the hashes around them. */
export function streamOf(
  events: NewEvent[],
  { letter = 'B', from = 1, before = STREAM_HASH_OF_NOTHING } = {},
) {
  let prev = '';
  const kept: KeptEvent[] = events.map(({ type, agg, body }, i) => {
    const made = makeEvent(
      { type, typeV: 1, agg, seen: { last: '', cursor: 0 }, user: 'clerk-2', body: body as never },
      { hall: '330102', dev: letter.repeat(26), inc: letter.toLowerCase().repeat(32), station: '4' },
      {
        seq: from + i,
        prev,
        cmd: `${letter}-${from + i}`,
        at: `2026-11-21T09:00:${String(i % 60).padStart(2, '0')}.000+08:00`,
      },
    );
    prev = made.hash;
    return made;
  });
  const hashes = [before];
  for (const { hash } of kept) hashes.push(nextStreamHash(hashes.at(-1)!, hash));
  const page = (first: number, last: number, epoch = 'epoch-1') => ({
    epoch,
    events: kept.slice(first - 1, last).map(({ bytes, hash }, i) => ({ cursor: first + i, bytes, hash })),
    head: kept.length,
    streamHash: hashes[last]!,
    streamHashBefore: hashes[first - 1]!,
  });
  return { kept, hashes, page };
}
