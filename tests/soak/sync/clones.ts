import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newProfile, root } from '../../e2e/program.ts';
import { startTestServer } from '../../server/start.ts';
import { startHall, type Hall } from './hall.ts';
import { healed, saving } from './healing.ts';
import { casesOf } from './load-page.ts';
import { createDice } from './random.ts';
import { differences, foldedCases, judge, type Verdict } from './verdict.ts';

export interface CloneReport extends Verdict {
  /** Incarnations of the device the server knows. */
  incarnations: number;
  healedMs: number | null;
  windowDiffers: string[];
}

/**
 * A PC's disk is copied and both go on: the original with no line, the copy online, then the original comes back.
 * One after the other on one address, because a browser's store belongs to it.
 */
export async function runClone(seed: number): Promise<CloneReport> {
  const server = await startTestServer();
  const { profile, remove } = newProfile();
  const copy = `${profile}-copy`;
  const saves = { all: null as Hall['saves'] | null };
  try {
    const first = await startHall({ profile, dice: createDice(seed), stallMs: 0, pauseMs: 30, server });
    const verdictOf = async (hall: Hall): Promise<CloneReport> => {
      await hall.pause(true);
      await sleep(500);
      const { healedMs } = await healed(hall);
      const [row] = await server.query<{ n: number }>(
        'select count(*)::int as n from incarnation where seq > 0',
      );
      return {
        ...(await judge(server, saves.all ?? hall.saves)),
        incarnations: row?.n ?? 0,
        healedMs,
        windowDiffers: differences(await casesOf(hall.window().page), await foldedCases(server)),
      };
    };
    saves.all = first.saves;
    await first.raise();
    await saving(first);
    await first.rest();
    execFileSync('cp', ['-a', profile, copy]);
    // The original works on without a line.
    first.line.set('cut');
    await first.raise();
    await saving(first);
    await sleep(1_500);
    await first.rest();
    // The copy works online.
    first.line.set(null);
    const second = await startHall({
      profile: copy,
      dice: createDice(seed),
      stallMs: 0,
      pauseMs: 30,
      server,
      port: first.port,
      saves: first.saves,
      line: first.line,
    });
    await second.raise();
    await saving(second);
    await sleep(1_500);
    await second.pause(true);
    if ((await healed(second)).healedMs === null) throw new Error('the copy did not come level');
    await second.close();
    // And the original finds that somebody has been there.
    await first.raise();
    await saving(first);
    const report = await verdictOf(first);
    await first.close();
    return report;
  } finally {
    await server.dispose();
    remove();
    rmSync(copy, { recursive: true, force: true });
  }
}

export const LOSSES = ['journal', 'store', 'journal, nothing sent', 'store, nothing sent'] as const;

/** Somebody deletes the journal, or the browser's profile, while the PC is off. */
export async function runLoss(what: (typeof LOSSES)[number], seed: number): Promise<CloneReport> {
  const { profile, remove } = newProfile();
  const hall = await startHall({ profile, dice: createDice(seed), stallMs: 0, pauseMs: 20 });
  try {
    await hall.raise();
    await saving(hall);
    if (what.endsWith('nothing sent')) hall.line.set('cut');
    await sleep(3_000);
    await hall.rest();
    rmSync(join(profile, what.startsWith('journal') ? 'journal' : 'test-window'), { recursive: true });
    hall.line.set(null);
    await hall.raise();
    await saving(hall);
    await hall.pause(true);
    await sleep(500);
    const { healedMs } = await healed(hall);
    const [row] = await hall.server.query<{ n: number }>(
      'select count(*)::int as n from incarnation where seq > 0',
    );
    return {
      ...(await judge(hall.server, hall.saves)),
      incarnations: row?.n ?? 0,
      healedMs,
      windowDiffers: differences(await casesOf(hall.window().page), await foldedCases(hall.server)),
    };
  } finally {
    await hall.close();
    remove();
  }
}

/** @returns what a second start on a profile in use says, and its exit code */
export function secondStart(profile: string): { code: number | null; said: string } {
  const run = spawnSync(
    process.execPath,
    [join(root, 'out/standalone/index.js'), '--profile', profile, '--port', '0', '--no-window'],
    { encoding: 'utf8', timeout: 20_000, env: { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '' } },
  );
  return { code: run.status, said: run.stdout + run.stderr };
}
