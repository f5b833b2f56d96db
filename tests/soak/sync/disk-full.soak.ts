import { expect, it } from 'vitest';
import { runDiskFull } from './disk-full.ts';
import { noDisk } from './disk.ts';

const seed = Number(process.env['SOAK_SEED'] ?? 1);
const rounds = Number(process.env['SOAK_ROUNDS'] ?? 12);
const why = noDisk();

it.skipIf(why !== null)(`the disk is full ${rounds} times, seed ${seed} ${why ?? ''}`, async () => {
  const report = await runDiskFull({ seed, rounds, say: (line) => console.log(line) });
  console.log(JSON.stringify(report, null, 2));
  expect(report).toMatchObject({
    lost: [],
    doubled: [],
    torn: [],
    sameNumber: [],
    broken: [],
    windowDiffers: [],
    bareCodes: [],
    healedMs: expect.any(Number) as number,
  });
  // Every refusal is the one that says what to do.
  expect(Object.keys(report.refused).filter((code) => code !== 'JOURNAL_DISK_FULL')).toEqual([]);
  expect(report.savedWhileFull).toBeGreaterThan(0);
});
