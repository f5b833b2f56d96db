import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const root = resolve(import.meta.dirname, '../../..');

/** Builds what runs under Wine. The Windows build of Node that starts there is 18; the program itself asks for 20. */
export default defineConfig({
  root,
  logLevel: 'warn',
  ssr: { noExternal: true, external: ['koffi', 'node-hid', 'usb', 'serialport'] },
  build: {
    ssr: true,
    target: 'node18',
    outDir: resolve(root, 'tests/.artifacts/wine-lab/program'),
    emptyOutDir: true,
    rolldownOptions: {
      input: {
        lab: resolve(import.meta.dirname, 'lab.ts'),
        'spooler-lab': resolve(import.meta.dirname, 'spooler-lab.ts'),
        'print-host': resolve(root, 'electron/adapters/print-host/index.ts'),
        'device-host': resolve(root, 'electron/adapters/device-host/index.ts'),
      },
    },
  },
});
