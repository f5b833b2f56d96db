import { sendClerk } from './clerk.ts';
import { carryOut, faultText, planFaults, type Fault } from './faults.ts';
import { createHall } from './hall.ts';
import { checkAtTheEnd } from './oracles.ts';
import { createRandom } from './random.ts';
import { createWorld } from './world.ts';

export interface Outcome {
  seed: number;
  failures: { what: string; text: string }[];
  /** SHA-256 of the trace. */
  hash: string;
  lines: readonly string[];
  faults: Fault[];
  events: number;
  actions: number;
}

/** After this long without a fault everything must have come to rest (O3), milliseconds. */
export const HEALED_AFTER_MS = 60_000;

/**
 * One day of one hall, from a seed.
 * @param faults instead of the seed's own, to find out which of them matter
 */
export async function runSeed(seed: number, faults?: Fault[]): Promise<Outcome> {
  const random = createRandom(seed);
  const plan = random.fork('plan');
  const dayMs = plan.pick([8_000, 15_000, 15_000, 30_000]);
  const pcs = plan.pick([1, 2, 2, 3]);
  const world = createWorld((error) =>
    hall.fail('exception', String(error instanceof Error ? error.stack : error)),
  );
  const hall = createHall(world, random);
  const scheduled = faults ?? planFaults(plan.fork('faults'), dayMs - 2_000, plan.between(1, 12));

  const opening = Promise.all(Array.from({ length: pcs }, (_, i) => hall.add(i + 1)));
  const open = { yet: false };
  void opening.then(() => (open.yet = true));
  while (!open.yet && world.now() < 10_000) await world.runUntil(world.now() + 50);
  const began = world.now();
  hall.closing = began + dayMs - 1_000;
  hall.machines.forEach((machine) => sendClerk(hall, machine, random.fork(`clerk-${machine.name}`)));
  for (const fault of scheduled) {
    world.after(fault.at, () => {
      world.note('fault', faultText(fault));
      carryOut(fault, hall);
    });
  }
  await world.runUntil(began + dayMs);
  hall.heal();
  await world.runUntil(began + dayMs + HEALED_AFTER_MS);
  try {
    checkAtTheEnd(hall);
  } catch (error) {
    hall.fail('exception', String(error instanceof Error ? error.stack : error));
  }
  const { events } = hall.house.model.hall('hall-1');
  world.note('hall', `ends with ${events.length} events, ${events.at(-1)?.streamHash ?? ''}`);
  return {
    seed,
    failures: hall.failures,
    hash: world.hash(),
    lines: world.lines,
    faults: scheduled,
    events: events.length,
    actions: hall.actions.length,
  };
}

/** Leaves out one fault after the other while the run still fails in the same way. */
export async function shrink(outcome: Outcome): Promise<Outcome> {
  const what = outcome.failures[0]?.what;
  let best = outcome;
  for (let i = best.faults.length - 1; i >= 0; i--) {
    const fewer = best.faults.filter((_, at) => at !== i);
    const next = await runSeed(outcome.seed, fewer);
    if (next.failures.some((failure) => failure.what === what)) best = next;
  }
  return best;
}

/**
 * The run as somebody reads it: what went wrong, which faults it takes, and what happened.
 * @param whole also what repeats all day: hints, challenges, pulls that brought nothing
 */
export function readable({ seed, failures, faults, lines }: Outcome, whole = false): string {
  const dull = / GET \/hints| POST \/challenge | GET \/pull.*×0$/;
  return [
    `seed ${seed}: ${failures.length === 0 ? 'all well' : `${failures.length} failures`}`,
    ...lines.filter((line) => whole || !dull.test(line)),
    '',
    ...faults.map(faultText),
    ...failures.map(({ what, text }) => `${what}: ${text}`),
  ].join('\n');
}
