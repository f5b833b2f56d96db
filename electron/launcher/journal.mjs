// `npm run journal -- …`: the record of this PC from the command line. Builds what is missing.
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
const { startJournal } = await import(pathToFileURL(join(root, 'out/standalone/journal.js')).href);
process.exit(await startJournal(process.argv.slice(2)));
