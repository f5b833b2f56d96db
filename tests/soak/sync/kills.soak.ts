import { expect, it } from 'vitest';
import { runKills } from './kills.ts';

const seed = Number(process.env['SOAK_SEED'] ?? 1);
const kills = Number(process.env['SOAK_KILLS'] ?? 200);

it(`${kills} random kills under load on a bad network, seed ${seed}`, async () => {
  const report = await runKills({
    seed,
    kills,
    stallMs: 6_000,
    secondPc: true,
    say: (line) => console.log(line),
  });
  console.log(JSON.stringify(report, null, 2));
  expect(report).toMatchObject({
    lost: [],
    doubled: [],
    torn: [],
    sameNumber: [],
    broken: [],
    windowDiffers: [],
    newPcDiffers: [],
    bareCodes: [],
    healedMs: expect.any(Number) as number,
  });
});
