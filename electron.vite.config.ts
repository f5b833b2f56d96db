import { resolve } from 'node:path';
import { defineConfig } from 'electron-vite';
import vue from '@vitejs/plugin-vue';
import { ocrFiles } from './renderer/ocr-files.ts';

const at = (path: string): string => resolve(import.meta.dirname, path);

/** `electron` (main and preload), `renderer`, or everything: the launcher builds only what has changed. */
const part = process.env['ZONGCHUANG_BUILD'];

/**
 * The Electron shell and the window. The plain-Node shell and the server have builds of their own
 * (`electron/standalone/vite.config.ts`, `server/vite.config.ts`), because a bundler may make one entry
 * import another entry's chunk, and then a child process runs the wrong program's start-up.
 */
const main = {
  build: {
    outDir: at('out/main'),
    rolldownOptions: {
      input: {
        index: at('electron/main/index.ts'),
        'device-host': at('electron/adapters/device-host/index.ts'),
        'photo-host': at('electron/adapters/photo-host/index.ts'),
        'print-host': at('electron/adapters/print-host/index.ts'),
      },
    },
  },
};

const preload = {
  build: {
    outDir: at('out/preload'),
    // A sandboxed preload is one CommonJS file that may require nothing but 'electron'.
    externalizeDeps: false,
    rolldownOptions: {
      input: { index: at('electron/preload/index.ts') },
      output: { format: 'cjs', entryFileNames: '[name].cjs' },
    },
  },
} as const;

const renderer = {
  root: at('renderer'),
  base: './',
  plugins: [vue(), ocrFiles(at('.'))],
  build: {
    outDir: at('out/renderer'),
    emptyOutDir: true,
    minify: true,
    // The oldest browser promised: LoongArch machines and the plain shell do not have Electron's Chrome.
    target: 'chrome109',
    rolldownOptions: { input: at('renderer/index.html') },
  },
};

export default defineConfig({
  ...(part === 'renderer' ? {} : { main, preload }),
  ...(part === 'electron' ? {} : { renderer }),
});
