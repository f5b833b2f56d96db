import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const root = resolve(import.meta.dirname, '../../..');

/** Builds what runs in the guest: files whose only imports are `node:*`. */
export default defineConfig({
  root,
  logLevel: 'warn',
  ssr: { noExternal: true },
  build: {
    ssr: true,
    target: 'node20',
    outDir: resolve(root, 'tests/.artifacts/lab/guest'),
    emptyOutDir: true,
    rolldownOptions: {
      input: {
        conductor: resolve(import.meta.dirname, 'conductor.ts'),
        driver: resolve(import.meta.dirname, 'driver.ts'),
      },
    },
  },
});
