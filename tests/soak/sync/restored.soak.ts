import { expect, it } from 'vitest';
import { runRestored } from './restored.ts';

const seed = Number(process.env['SOAK_SEED'] ?? 1);

it.each(['restored', 'rewound'] as const)('the server is %s while the counters have gone on', async (how) => {
  const report = await runRestored({ seed, how, dayMs: 10_000 });
  console.log(JSON.stringify({ how, ...report }, null, 2));
  expect(report).toMatchObject({
    lost: [],
    doubled: [],
    torn: [],
    broken: [],
    ownMissing: 0,
    othersMissing: 0,
    windowDiffers: [],
    healedMs: expect.any(Number) as number,
  });
  // There was something to bring back.
  expect(report.inBackup).toBeLessThan(report.acknowledged);
});
