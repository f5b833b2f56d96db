// What processes cost, as the kernel counts it (Linux).
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return null;
  }
}

/** A process and everything it started, directly or not. */
export function treeOf(root) {
  const parents = new Map();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(name) : null;
    if (stat) parents.set(Number(name), stat.parent);
  }
  const tree = [root];
  for (let at = 0; at < tree.length; at++)
    for (const [pid, parent] of parents) if (parent === tree[at]) tree.push(pid);
  return tree;
}

/** Processor seconds used until now by these processes, and the most memory each has held, added up, megabytes. */
export function costOf(roots) {
  let seconds = 0;
  let peakMb = 0;
  for (const pid of new Set(roots.flatMap(treeOf))) {
    seconds += (statOf(pid)?.ticks ?? 0) / TICKS_PER_SECOND;
    try {
      const kb = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      peakMb += Number(kb ?? 0) / 1024;
    } catch {
      // It has ended.
    }
  }
  return { seconds, peakMb };
}
