// The bad days with real processes: node tests/soak/sync/run.mjs [kills|power|disk|restore|clone …] [--kills 200] [--cuts 25] [--seed N]
// Without a name all of them. Prints the seed and the figures; ends with 1 when anything saved was lost.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBrowser } from '../../../electron/launcher/browser.mjs';
import { ensureBuilt } from '../../../electron/launcher/build.mjs';
import { ensureInstalled } from '../../../electron/launcher/install.mjs';
import { root } from '../../../electron/launcher/root.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '200' },
    cuts: { type: 'string', default: '25' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
if (!(Number(values.kills) > 0) || !Number.isInteger(Number(values.seed)))
  throw new Error('--kills and --seed are numbers');
await ensureInstalled();
await ensureBrowser({ install: true });
await ensureBuilt(['renderer', 'standalone', 'server']);
const run = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    ...['run', '--config', 'tests/soak/vitest.config.ts'],
    ...(positionals.length > 0 ? positionals : ['tests/soak/sync/']).map((name) =>
      name.includes('/') ? name : `tests/soak/sync/${name}`,
    ),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SOAK_SEED: values.seed, SOAK_KILLS: values.kills, SOAK_CUTS: values.cuts },
  },
);
process.exit(run.status ?? 1);
