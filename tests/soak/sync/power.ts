import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { startTestServer } from '../../server/start.ts';
import { makeDisk, type Disk } from './disk.ts';
import { startHall, type Hall } from './hall.ts';
import { healed, saving } from './healing.ts';
import { casesOf } from './load-page.ts';
import { createDice } from './random.ts';
import { differences, foldedCases, judge, type Verdict } from './verdict.ts';

export interface PowerReport extends Verdict {
  seed: number;
  cuts: Record<string, number>;
  /** Cut while an event was in the journal and not yet in the window's store: all of them must be there. */
  betweenTheTwo: string[];
  savedCommands: number;
  savedEvents: number;
  healedMs: number | null;
  windowDiffers: string[];
}

/**
 * The power fails under load, again and again: at the counter's PC (journal and Chromium's profile on one disk), in
 * the moment between the journal's flush and the window's commit, and at the server. What the disk had not flushed is
 * gone each time; what anybody was told must not be.
 */
export async function runPowerCuts(options: {
  seed: number;
  cuts: number;
  say?: (line: string) => void;
}): Promise<PowerReport> {
  const { seed, say = () => undefined } = options;
  const dice = createDice(seed);
  const cuts: Record<string, number> = {};
  const between: string[] = [];
  const pcDisk = await makeDisk(768);
  const serverDisk = await makeDisk(768);
  const server = await startTestServer({ dataFolder: folderOn(serverDisk, 'server') });
  const profile = folderOn(pcDisk, 'profile');
  let hall: Hall | null = null;
  try {
    hall = await startHall({ profile, dice, stallMs: 1_000, pauseMs: 10, server });
    await hall.raise();
    await saving(hall);
    for (let done = 1; done <= options.cuts; done++) {
      // Half of the time the work is still on this PC alone.
      hall.line.set(dice.roll() < 0.5 ? 'cut' : null);
      await sleep(dice.between(100, 1_500));
      const where = done % 5 === 0 ? 'server' : done % 5 === 1 ? 'between journal and store' : 'pc';
      cuts[where] = (cuts[where] ?? 0) + 1;
      if (where === 'server') {
        serverDisk.cut();
        await hall.kill('postmaster');
        await hall.kill('server');
        await serverDisk.powerOn();
      } else {
        if (where === 'pc') pcDisk.cut();
        else between.push(await cutBetween(hall, pcDisk));
        await hall.kill('pc');
        await pcDisk.powerOn();
      }
      await hall.raise();
      await saving(hall);
      say(`${done} cuts, ${hall.saves.told.size} commands saved`);
    }
    hall.line.set(null);
    await hall.pause(true);
    await sleep(500);
    const { healedMs } = await healed(hall);
    for (const cmd of between) hall.saves.told.set(cmd, hall.saves.begun.get(cmd) ?? 1);
    const verdict = await judge(server, hall.saves);
    return {
      ...verdict,
      seed,
      cuts,
      betweenTheTwo: between,
      savedCommands: hall.saves.told.size,
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

/** @returns the command that was in the journal and nowhere else when the power failed */
async function cutBetween(hall: Hall, disk: Disk): Promise<string> {
  let cut: (cmd: string) => void = () => undefined;
  const done = new Promise<string>((resolve) => (cut = resolve));
  let once = true;
  await hall.window().page.exposeFunction('betweenTheTwo', async (cmd: string) => {
    // The paper's own saves go the same way; only the load's are looked for afterwards.
    if (!once || !cmd.startsWith('load-')) return;
    once = false;
    disk.cut();
    cut(cmd);
    // The window never gets to its commit.
    await sleep(3_600_000, undefined, { ref: false });
  });
  return done;
}

function folderOn(disk: Disk, name: string): string {
  const folder = join(disk.folder, name);
  mkdirSync(folder, { mode: 0o711 });
  return folder;
}
