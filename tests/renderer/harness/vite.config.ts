import { resolve } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import { ocrFiles } from '../../../renderer/ocr-files.ts';

/** The window against a made-up machine, to look at it without shells, reader, printer or server. Never shipped. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [vue(), ocrFiles(resolve(import.meta.dirname, '../../..'))],
  build: {
    outDir: resolve(import.meta.dirname, '../../.artifacts/harness'),
    emptyOutDir: true,
    target: 'chrome109',
  },
});
