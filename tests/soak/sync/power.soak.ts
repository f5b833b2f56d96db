import { expect, it } from 'vitest';
import { noDisk } from './disk.ts';
import { runPowerCuts } from './power.ts';

const seed = Number(process.env['SOAK_SEED'] ?? 1);
const cuts = Number(process.env['SOAK_CUTS'] ?? 25);
const why = noDisk();

it.skipIf(why !== null)(`${cuts} power cuts under load, seed ${seed} ${why ?? ''}`, async () => {
  const report = await runPowerCuts({ seed, cuts, say: (line) => console.log(line) });
  console.log(JSON.stringify(report, null, 2));
  expect(report).toMatchObject({
    lost: [],
    doubled: [],
    torn: [],
    sameNumber: [],
    broken: [],
    windowDiffers: [],
    healedMs: expect.any(Number) as number,
  });
});
