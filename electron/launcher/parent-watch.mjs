// npm runs a script through a shell. Whoever ends npm ends that shell, but not the program below it, which would then
// run on unseen; so the program looks after its parents itself.
import { readFileSync } from 'node:fs';

const LOOK_MS = 500;

/**
 * Calls `end` once when npm, or the shell between npm and this process, is gone. Does nothing outside `npm start`, and
 * on Windows, where a console takes all of them along.
 */
export function watchParent(end, env = process.env) {
  if (env.npm_lifecycle_event === undefined || process.platform === 'win32') return;
  const parent = process.ppid;
  // Where the shell did not replace itself by this program, npm is one further up.
  const npm = isShell(parent) ? parentOf(parent) : null;
  const timer = setInterval(() => {
    if (process.ppid === parent && (npm === null || parentOf(parent) === npm)) return;
    clearInterval(timer);
    end();
  }, LOOK_MS);
  timer.unref();
}

function isShell(pid) {
  try {
    return /^(ba|da|z|k|a)?sh$/.test(readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
  } catch {
    return false;
  }
}

/** @returns field 4 of /proc/PID/stat (proc(5)); null where there is none */
function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}
