import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const root = resolve(import.meta.dirname, '../..');

/** Builds the plain-Node shell and its device host: files whose only imports are `node:*` and node-hid. */
export default defineConfig({
  root,
  logLevel: 'warn',
  ssr: { noExternal: true, external: ['node-hid'] },
  build: {
    ssr: true,
    target: 'node20',
    outDir: resolve(root, 'out/standalone'),
    emptyOutDir: true,
    rolldownOptions: {
      input: {
        index: resolve(root, 'electron/standalone/index.ts'),
        'device-host': resolve(root, 'electron/adapters/device-host/index.ts'),
      },
    },
  },
});
