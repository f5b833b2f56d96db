// `npm run server -- …`: the central server on its own.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { root } from './root.mjs';

try {
  await ensureInstalled();
  await ensureBuilt(['server']);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const child = spawn(process.execPath, [join(root, 'out/server/index.js'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// The terminal sends Ctrl+C to both; the child stops in order and this waits for it.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code) => process.exit(code ?? 1));
