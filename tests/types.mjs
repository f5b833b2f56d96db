// Type-checks every room with its own tsconfig: the first of the three walls.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Rooms and the checker each needs: vue-tsc where components are in sight. */
export const ROOMS = [
  ['shared', 'typescript/bin/tsc'],
  ['electron', 'typescript/bin/tsc'],
  ['server', 'typescript/bin/tsc'],
  ['renderer', 'vue-tsc/bin/vue-tsc.js'],
  ['tests', 'vue-tsc/bin/vue-tsc.js'],
];

/** @returns true when the room has no type error; errors are printed */
export function checkRoom([room, checker]) {
  const run = spawnSync(
    process.execPath,
    [join(root, 'node_modules', checker), '-p', join(root, room, 'tsconfig.json')],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  return run.status === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const failed = ROOMS.filter((room) => !checkRoom(room)).map(([room]) => room);
  if (failed.length > 0) console.error(`types: errors in ${failed.join(', ')}`);
  process.exit(failed.length > 0 ? 1 : 0);
}
