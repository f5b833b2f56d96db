// `npm run card -- …`: the card reader from the command line. Builds what is missing; says so where results are not.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { root } from './root.mjs';

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
const { startCard } = await import(pathToFileURL(join(root, 'out/standalone/card.js')).href);
process.exit(await startCard(process.argv.slice(2)));
