import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Long runs of real processes; `npm run soak:…` and `npm run lab:…` start them, `npm test` does not. */
export default defineConfig({
  root: resolve(import.meta.dirname, '../..'),
  test: {
    name: 'soak',
    include: ['tests/soak/**/*.soak.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 7_200_000,
    hookTimeout: 120_000,
    disableConsoleIntercept: true,
  },
});
