import { describe, expect, it } from 'vitest';
import { CHANNELS } from './device-side.ts';
import { DAMAGES } from './frames.ts';
import { runFuzz } from './run-fuzz.ts';

/** The long run is `node tests/soak/card/run.mjs`. */
const FRAMES = Number(process.env.FUZZ_FRAMES ?? 40_000);
const SEED = Number(process.env.FUZZ_SEED ?? 20260302);

describe('damaged frames through codec, carriers and exchange', () => {
  it('no field of a frame that does not hold, every frame that holds, nothing thrown, nothing pending', async () => {
    const result = await runFuzz({ frames: FRAMES, seed: SEED });
    for (const channel of ['codec', 'exchange', ...CHANNELS]) {
      for (const damage of DAMAGES)
        expect(result.counts[`${channel} ${damage}`], `${channel} ${damage}`).toBeGreaterThan(2);
    }
    expect(result.replies).toBeGreaterThan(FRAMES / 10);
    expect(result.bad).toBeGreaterThan(FRAMES / 10);
    expect(result.exchanges.answered).toBeGreaterThan(0);
    expect(result.exchanges.failed).toBeGreaterThan(0);
  }, 60_000);
});
