import { resolve } from 'node:path';
import { build } from 'vite';

const outDir = resolve(import.meta.dirname, '../../../.artifacts/photo-host');

/**
 * Builds the photo host as the shells do.
 * @returns the path of the built file
 */
export async function buildPhotoHost(name: string): Promise<string> {
  const folder = resolve(outDir, name);
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true, external: ['koffi'] },
    build: {
      ssr: true,
      target: 'node20',
      outDir: folder,
      emptyOutDir: true,
      rolldownOptions: {
        input: { index: resolve(import.meta.dirname, '../../../../electron/adapters/photo-host/index.ts') },
      },
    },
  });
  return resolve(folder, 'index.js');
}

/** The photo in the chip as the simulated card has it, with one byte of its own: what the good decoder draws by. */
export function wltOf(shade: number): Uint8Array {
  const wlt = new Uint8Array(1024);
  wlt.set([0x57, 0x4c, 0x66, 0x00, 0x7e, 0x00, 0x32, 0x00, 0x00, 0xff, 0x85]);
  wlt[16] = shade;
  return wlt;
}
