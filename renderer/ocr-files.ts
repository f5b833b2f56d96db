import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What reading text off pictures needs, from the packages: the worker, the engine in two variants (with vector
 * instructions, which every processor since 2008 has, and without), and the two languages in their small variant.
 * 11 MB, fetched by the window when the first picture is read and never before.
 */
const FILES: readonly (readonly [folder: string, names: readonly string[]])[] = [
  ['tesseract.js/dist', ['worker.min.js', 'worker.min.js.LICENSE.txt']],
  [
    'tesseract.js-core',
    [
      'tesseract-core-simd-lstm.js',
      'tesseract-core-simd-lstm.wasm',
      'tesseract-core-lstm.js',
      'tesseract-core-lstm.wasm',
      // Apache License 2.0, which asks to be handed on.
      'LICENSE',
    ],
  ],
  ['@tesseract.js-data/eng/4.0.0_best_int', ['eng.traineddata.gz']],
  ['@tesseract.js-data/chi_sim/4.0.0_best_int', ['chi_sim.traineddata.gz']],
];

/**
 * Puts the files of the reading engine beside the built page, in `ocr/`: the program never fetches anything from
 * elsewhere.
 * @param root folder that has `node_modules`
 */
export function ocrFiles(root: string): {
  name: string;
  writeBundle: (options: { dir?: string | undefined }) => void;
} {
  return {
    name: 'zongchuang-ocr-files',
    writeBundle({ dir }) {
      if (dir === undefined) throw new Error('the window is built into a folder');
      const to = join(dir, 'ocr');
      mkdirSync(to, { recursive: true });
      for (const [folder, names] of FILES) {
        for (const name of names) copyFileSync(join(root, 'node_modules', folder, name), join(to, name));
      }
    },
  };
}
