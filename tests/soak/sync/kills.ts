import { setTimeout as sleep } from 'node:timers/promises';
import { newProfile } from '../../e2e/program.ts';
import { FAULTS } from './faulty-line.ts';
import { startHall, VICTIMS, type Hall, type Victim } from './hall.ts';
import { codesOnScreen, healed, saving } from './healing.ts';
import { casesOf, type LoadLight } from './load-page.ts';
import { createDice } from './random.ts';
import { differences, foldedCases, judge, type Verdict } from './verdict.ts';

export interface KillsOptions {
  seed: number;
  kills: number;
  /** How long a stalled call hangs, milliseconds; two minutes in a hall. */
  stallMs: number;
  /** Whether a new PC is set up at the end and must show the same. */
  secondPc: boolean;
  say?: (line: string) => void;
}

export interface KillsReport extends Verdict {
  seed: number;
  kills: Record<string, number>;
  faults: Record<string, number>;
  savedCommands: number;
  savedEvents: number;
  refused: Record<string, number>;
  /** From a sound network and running programs to an empty queue, milliseconds; null: not within the limit (O3). */
  healedMs: number | null;
  /** Aggregates that the window shows otherwise than the server's log says (O2). */
  windowDiffers: string[];
  newPcDiffers: string[];
  /** Codes without a sentence that stood on the screen (O5). */
  bareCodes: string[];
  lastLight: LoadLight | null;
  seconds: number;
}

/**
 * The worst day, repeated: a counter under load whose window, core, server and PostgreSQL are killed at random while
 * the network does what it likes; then everything is healed and every saved event is looked for.
 */
export async function runKills(options: KillsOptions): Promise<KillsReport> {
  const began = performance.now();
  const { seed, say = () => undefined } = options;
  const dice = createDice(seed);
  const { profile, remove } = newProfile();
  const hall = await startHall({ profile, dice, stallMs: options.stallMs, pauseMs: 20 });
  const kills: Record<string, number> = {};
  const bareCodes = new Set<string>();
  try {
    await hall.raise();
    await saving(hall);
    for (let done = 0; done < options.kills;) {
      hall.line.set(dice.roll() < 0.6 ? dice.pick(FAULTS) : null);
      await sleep(dice.between(0, 700));
      const victim: Victim = dice.pick(VICTIMS);
      if (await hall.kill(victim)) {
        kills[victim] = (kills[victim] ?? 0) + 1;
        done += 1;
      }
      // Now and then the next blow falls while everything is still down or coming up.
      if (dice.roll() < 0.2) continue;
      await sleep(dice.between(0, 300));
      await hall.raise();
      if (dice.roll() < 0.5) await saving(hall);
      for (const code of await codesOnScreen(hall)) bareCodes.add(code);
      if (done % 10 === 0 || options.kills < 10)
        say(
          `${done} kills (${victim}) after ${Math.round((performance.now() - began) / 1000)} s, ${hall.saves.told.size} commands saved`,
        );
    }
    hall.line.set(null);
    await hall.raise();
    await saving(hall);
    await hall.pause(true);
    await sleep(500);
    const { healedMs, light } = await healed(hall);
    const verdict = await judge(hall.server, hall.saves);
    const truth = await foldedCases(hall.server);
    const windowDiffers = differences(await casesOf(hall.window().page), truth);
    const newPcDiffers = options.secondPc ? await onNewPc(hall, truth) : [];
    return {
      ...verdict,
      seed,
      kills,
      faults: { ...hall.line.met },
      savedCommands: hall.saves.told.size,
      savedEvents: [...hall.saves.told.values()].reduce((sum, count) => sum + count, 0),
      refused: Object.fromEntries(hall.saves.refused),
      healedMs,
      windowDiffers,
      newPcDiffers,
      bareCodes: [...bareCodes],
      lastLight: light,
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    await hall.close();
    remove();
  }
}

/** A PC that is set up now shows what the hall's log says. */
async function onNewPc(hall: Hall, truth: Record<string, unknown>): Promise<string[]> {
  const { profile, remove } = newProfile();
  const dice = createDice(1);
  const other = await startHall({ profile, dice, stallMs: 0, pauseMs: 3_600_000, server: hall.server });
  try {
    await other.raise();
    const { healedMs } = await healed(other);
    if (healedMs === null) return ['the new PC did not come level'];
    return differences(await casesOf(other.window().page), truth);
  } finally {
    await other.close();
    remove();
  }
}
