import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newProfile } from '../../e2e/program.ts';
import { testDevice } from '../../server/device.ts';
import { runServer } from '../../server/start.ts';
import { startHall } from './hall.ts';
import { healed, saving } from './healing.ts';
import { casesOf } from './load-page.ts';
import { createDice } from './random.ts';
import { differences, foldedCases, judge, type Verdict } from './verdict.ts';

export interface RestoredReport extends Verdict {
  /** Acknowledged before the disaster, all devices of the hall. */
  acknowledged: number;
  /** Of those, what the restored server had when it came up. */
  inBackup: number;
  /** Hashes that did not come back, by whose they were. */
  ownMissing: number;
  othersMissing: number;
  /** From the server's start to the last event that came back, milliseconds. */
  backMs: number;
  healedMs: number | null;
  windowDiffers: string[];
}

/**
 * The server comes back from a backup while the counters have gone on. 'restored' is the program's own restore, which
 * changes the epoch; 'rewound' puts an older copy of the database folder in its place, as a fail-over to a replica
 * that lacks the last seconds does: the epoch is the same.
 * @param dayMs how long everybody works after the backup
 */
export async function runRestored(options: {
  seed: number;
  how: 'restored' | 'rewound';
  dayMs: number;
}): Promise<RestoredReport> {
  const dice = createDice(options.seed);
  const { profile, remove } = newProfile();
  const folder = mkdtempSync(join(tmpdir(), 'zc-backup-'));
  const hall = await startHall({ profile, dice, stallMs: 0, pauseMs: 20 });
  const { server } = hall;
  const cluster = join(server.dataFolder, 'postgres');
  try {
    await hall.raise();
    await saving(hall);
    // Another counter of the hall, which is switched off afterwards: what it did is in the others' hands.
    const other = testDevice(() => server.url);
    await other.enrol(await server.newCode('330102', '4'));
    await other.hello();
    await other.pushSigned(other.make(20), 1);
    await sleep(2_000);
    if (options.how === 'restored') {
      const { code, err } = await runServer([
        'backup',
        '--to',
        join(folder, 'b'),
        '--data',
        server.dataFolder,
      ]);
      if (code !== 0) throw new Error(err);
    } else {
      await server.stop();
      copyKeepingOwners(cluster, join(folder, 'cluster'));
      await server.start();
    }
    await other.hello();
    await other.pushSigned(other.make(30), 21);
    await sleep(options.dayMs);
    await hall.pause(true);
    await sleep(300);
    if ((await healed(hall)).healedMs === null) throw new Error('the hall was not level before the disaster');
    const rows = await server.query<{ hash: string; dev: string }>('select hash, dev from event');
    await server.stop();
    if (options.how === 'restored') {
      const { code, err } = await runServer([
        'restore',
        '--from',
        join(folder, 'b'),
        '--data',
        server.dataFolder,
      ]);
      if (code !== 0) throw new Error(err);
    } else {
      // Node's copy would give the files to us; PostgreSQL runs as another account when we are root.
      rmSync(cluster, { recursive: true });
      copyKeepingOwners(join(folder, 'cluster'), cluster);
    }
    const began = performance.now();
    await server.start();
    const count = async (): Promise<number> =>
      (await server.query<{ n: number }>('select count(*)::int as n from event'))[0]?.n ?? 0;
    const inBackup = await count();
    let backMs = 0;
    for (const until = Date.now() + 60_000; Date.now() < until;) {
      backMs = performance.now() - began;
      if ((await count()) >= rows.length) break;
      await sleep(100);
    }
    await hall.pause(false);
    await saving(hall);
    await hall.pause(true);
    await sleep(300);
    const { healedMs } = await healed(hall);
    const there = new Set(
      (await server.query<{ hash: string }>('select hash from event')).map(({ hash }) => hash),
    );
    const missing = rows.filter(({ hash }) => !there.has(hash));
    return {
      ...(await judge(server, hall.saves)),
      acknowledged: rows.length,
      inBackup,
      ownMissing: missing.filter(({ dev }) => dev !== other.dev).length,
      othersMissing: missing.filter(({ dev }) => dev === other.dev).length,
      backMs: Math.round(backMs),
      healedMs,
      windowDiffers: differences(await casesOf(hall.window().page), await foldedCases(server)),
    };
  } finally {
    await hall.close();
    remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

const copyKeepingOwners = (from: string, to: string): void => {
  execFileSync('cp', ['-a', from, to]);
};
