import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestServer } from '../../server/start.ts';
import { makeDisk } from './disk.ts';
import { startHall, type Hall } from './hall.ts';
import { codesOnScreen, healed, saving } from './healing.ts';
import { casesOf } from './load-page.ts';
import { createDice } from './random.ts';
import { differences, foldedCases, judge, type Verdict } from './verdict.ts';

export interface DiskReport extends Verdict {
  seed: number;
  rounds: string[];
  /** Saves that were refused, by what the clerk was told. */
  refused: Record<string, number>;
  /** Commands saved after the disk was full, from the space held back. */
  savedWhileFull: number;
  bareCodes: string[];
  savedEvents: number;
  healedMs: number | null;
  windowDiffers: string[];
}

const MEGABYTE = 1024 * 1024;

/**
 * The disk fills up while a clerk works: profile and journal on a small disk of their own that is filled at random
 * points, with and without kills while it is full; and the server's, where a push must never be acknowledged that
 * cannot be kept.
 */
export async function runDiskFull(options: {
  seed: number;
  rounds: number;
  say?: (line: string) => void;
}): Promise<DiskReport> {
  const { seed, say = () => undefined } = options;
  const dice = createDice(seed);
  const pcDisk = await makeDisk(900);
  const serverDisk = await makeDisk(400);
  const serverFolder = join(serverDisk.folder, 'server');
  const profile = join(pcDisk.folder, 'profile');
  for (const folder of [serverFolder, profile]) mkdirSync(folder, { mode: 0o711 });
  const server = await startTestServer({ dataFolder: serverFolder });
  const rounds: string[] = [];
  const bareCodes = new Set<string>();
  let savedWhileFull = 0;
  let hall: Hall | null = null;
  try {
    hall = await startHall({ profile, dice, stallMs: 1_000, pauseMs: 20, server });
    await hall.raise();
    await saving(hall);
    // The space held back is made a moment after the start.
    await sleep(4_000);
    for (let round = 1; round <= options.rounds; round++) {
      const atServer = round % 4 === 0;
      const leave = dice.pick([0, 0, MEGABYTE, 8 * MEGABYTE]);
      const blow = atServer ? 'none' : dice.pick(['none', 'window', 'core', 'pc'] as const);
      hall.line.set(!atServer && dice.roll() < 0.5 ? 'cut' : null);
      await sleep(dice.between(0, 800));
      const before = hall.saves.told.size;
      const disk = atServer ? serverDisk : pcDisk;
      // Somebody else takes every byte that is given back, the space held back for the open case as well.
      const greedy = !atServer && dice.roll() < 0.5;
      disk.fill(leave);
      for (const until = Date.now() + dice.between(2_000, 6_000); Date.now() < until;) {
        if (greedy) disk.fill(0);
        await sleep(40);
      }
      savedWhileFull += hall.saves.told.size - before;
      for (const code of await codesOnScreen(hall)) bareCodes.add(code);
      if (blow !== 'none') {
        await hall.kill(blow);
        // On a full disk a start may fail; what matters is that the next one does not.
        await hall.raise().catch(() => undefined);
        await sleep(1_000);
      }
      if (atServer) await sleep(3_000);
      (atServer ? serverDisk : pcDisk).empty();
      hall.line.set(null);
      const began = performance.now();
      await hall.raise();
      await saving(hall, 40_000);
      const ms = Math.round(performance.now() - began);
      rounds.push(
        `${atServer ? 'server' : 'PC'}, ${leave / MEGABYTE} MB left${greedy ? ' and taken' : ''}, killed ${blow}: saving again after ${ms} ms`,
      );
      say(rounds.at(-1) ?? '');
      // Room for the space that is held back, and time to make it.
      if (!atServer) await sleep(3_500);
    }
    await hall.pause(true);
    await sleep(500);
    const { healedMs } = await healed(hall);
    const verdict = await judge(server, hall.saves);
    return {
      ...verdict,
      seed,
      rounds,
      refused: Object.fromEntries(hall.saves.refused),
      savedWhileFull,
      bareCodes: [...bareCodes],
      savedEvents: [...hall.saves.told.values()].reduce((sum, count) => sum + count, 0),
      healedMs,
      windowDiffers: differences(await casesOf(hall.window().page), await foldedCases(server)),
    };
  } finally {
    await hall?.close();
    await server.dispose();
    await pcDisk.remove();
    await serverDisk.remove();
  }
}
