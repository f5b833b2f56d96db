import { expect, it } from 'vitest';
import { LOSSES, runClone, runLoss } from './clones.ts';

const seed = Number(process.env['SOAK_SEED'] ?? 1);
const sound = {
  lost: [],
  doubled: [],
  torn: [],
  broken: [],
  windowDiffers: [],
  healedMs: expect.any(Number) as number,
};

it('a PC and its copy go on by turns: both branches are kept, under two incarnations', async () => {
  const report = await runClone(seed);
  console.log(JSON.stringify(report, null, 2));
  expect(report).toMatchObject(sound);
  expect(report.incarnations).toBeGreaterThan(1);
});

it.each(LOSSES)('lost while the PC was off: %s', async (what) => {
  const report = await runLoss(what, seed);
  console.log(JSON.stringify({ what, ...report }, null, 2));
  expect(report).toMatchObject(sound);
});
