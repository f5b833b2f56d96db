import { expect, it } from 'vitest';
import { runKills } from '../soak/sync/kills.ts';

/** A few blows of `npm run soak:sync`, so that the soak itself stays whole. */
it('window, core, server and PostgreSQL are killed under load on a bad network: nothing saved is lost or doubled', async () => {
  const seed = Date.now() % 2 ** 31;
  const report = await runKills({ seed, kills: 3, stallMs: 1_000, secondPc: false });
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
  expect(report.savedEvents).toBeGreaterThan(10);
});
