import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const root = resolve(import.meta.dirname, '..');

/** Builds the central server into one file; its packages stay in node_modules. */
export default defineConfig({
  root,
  logLevel: 'warn',
  ssr: { noExternal: ['zod', '@noble/hashes'] },
  build: {
    ssr: true,
    target: 'node20',
    outDir: resolve(root, 'out/server'),
    emptyOutDir: true,
    rolldownOptions: { input: { index: resolve(root, 'server/index.ts') } },
  },
});
