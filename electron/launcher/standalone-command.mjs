// A command of the plain-Node shell: builds what is missing and gives the built module. What set-up says goes where
// results do not.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { root } from './root.mjs';

/** @param {string} file in `out/standalone` */
export async function standaloneCommand(file) {
  const { log } = console;
  console.log = console.error;
  try {
    await ensureInstalled();
    await ensureBuilt(['standalone']);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
  console.log = log;
  return import(pathToFileURL(join(root, 'out/standalone', file)).href);
}
