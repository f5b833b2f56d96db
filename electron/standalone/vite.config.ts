import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const root = resolve(import.meta.dirname, '../..');

/** Builds the plain-Node shell and its child processes: files whose only imports are `node:*` and native packages. */
export default defineConfig({
  root,
  logLevel: 'warn',
  ssr: { noExternal: true, external: ['node-hid', 'usb', 'serialport', 'koffi'] },
  build: {
    ssr: true,
    target: 'node20',
    outDir: resolve(root, 'out/standalone'),
    emptyOutDir: true,
    rolldownOptions: {
      input: {
        index: resolve(root, 'electron/standalone/index.ts'),
        card: resolve(root, 'electron/standalone/card/index.ts'),
        journal: resolve(root, 'electron/standalone/journal/index.ts'),
        'device-host': resolve(root, 'electron/adapters/device-host/index.ts'),
        'photo-host': resolve(root, 'electron/adapters/photo-host/index.ts'),
        'print-host': resolve(root, 'electron/adapters/print-host/index.ts'),
      },
    },
  },
});
