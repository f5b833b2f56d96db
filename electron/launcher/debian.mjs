// What root may install with apt on Debian and its relatives.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const LIMIT_MS = 300_000;

/** Whether this is Debian or a relative, and we are root. */
export function mayUseApt() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    return false;
  try {
    return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/** Installs packages; whether it worked is for the caller to look at. */
export function aptInstall(packages, env = process.env) {
  const apt = (...args) =>
    spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
      timeout: LIMIT_MS,
    });
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
}

/**
 * Installs what is missing of these commands.
 * @param {Record<string, string[]>} packages by the command they bring
 */
export function ensureCommands(packages) {
  const missing = Object.entries(packages).filter(
    ([command]) => spawnSync(command, ['--version'], { stdio: 'ignore' }).error,
  );
  if (missing.length === 0 || !mayUseApt()) return;
  const names = missing.flatMap(([, brought]) => brought);
  console.log(`正在用 apt 安装 ${names.join(' ')}… Installing ${names.join(' ')} with apt…`);
  aptInstall(names);
}
