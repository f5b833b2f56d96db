// Bundles TypeScript of the tests to one file that plain Node runs, with the program's own code in it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { root } from '../../../electron/launcher/root.mjs';

/**
 * @param {string} entry path of the module, from the root
 * @param {{ file: string, find: string, replace: string }} [change] one place in one source file that is changed on the way
 * @returns {Promise<{ path: string, remove: () => void }>} the file that Node can run
 */
export async function bundled(entry, change) {
  // Within the checkout, so that packages are found from there.
  const artifacts = join(root, 'tests/.artifacts');
  mkdirSync(artifacts, { recursive: true });
  const folder = mkdtempSync(join(artifacts, 'bundle-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  let changed = false;
  const changing = {
    name: 'change-one-place',
    enforce: 'pre',
    load(id) {
      if (!change || id !== join(root, change.file)) return null;
      const source = readFileSync(id, 'utf8');
      if (source.split(change.find).length !== 2) {
        throw new Error(`${change.file} does not hold this exactly once any more: ${change.find}`);
      }
      changed = true;
      return source.replace(change.find, () => change.replace);
    },
  };
  try {
    await build({
      configFile: false,
      root,
      logLevel: 'error',
      plugins: [changing],
      build: {
        ssr: join(root, entry),
        outDir: folder,
        target: 'node20',
        minify: false,
        rollupOptions: { output: { entryFileNames: 'bundle.mjs' } },
      },
    });
    if (change && !changed) throw new Error(`${change.file} is not part of ${entry}`);
  } catch (error) {
    remove();
    throw error;
  }
  return { path: join(folder, 'bundle.mjs'), remove };
}

/** Bundles a module and loads it. @returns {Promise<Record<string, any>>} its exports */
export async function importBundled(entry, change) {
  const { path, remove } = await bundled(entry, change);
  try {
    return await import(pathToFileURL(path).href);
  } finally {
    remove();
  }
}
