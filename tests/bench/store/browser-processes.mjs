// What the browser's processes of one profile take, read from /proc: wall time alone says little on a busy machine.
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc/PID/stat per second: 100 on every Linux that runs Chromium. */
const TICKS = 100;

function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        // The name stands in brackets and may hold blanks.
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ');
        return [{ pid, parent: fields[1], ticks: Number(fields[11]) + Number(fields[12]), line }];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
}

/** All processes of the browser that runs on this profile folder. */
function familyOf(folder) {
  const all = processes();
  const family = all.filter(
    ({ line }) => line.includes(`--user-data-dir=${folder}`) && !line.includes('--type='),
  );
  for (let i = 0; i < family.length; i++)
    family.push(...all.filter(({ parent }) => parent === family[i].pid));
  return family;
}

/** @returns seconds of processor time taken so far, of all processes together */
export const cpuSeconds = (folder) => familyOf(folder).reduce((sum, { ticks }) => sum + ticks, 0) / TICKS;

/** @returns megabytes (PSS) of the largest page process */
export function pageMegabytes(folder) {
  const sizes = familyOf(folder)
    .filter(({ line }) => line.includes('--type=renderer'))
    .map(({ pid }) =>
      Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0),
    );
  return Math.max(...sizes) / 1024;
}
