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
  // Over the channel it notices that this process is gone, however it went, and stops in order.
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
// Whoever started this over a channel of its own hears what the server says.
child.on('message', (word) => process.send?.(word));
// The terminal sends Ctrl+C to both, a supervisor to this one only; the child takes the second for the first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));
