import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { checkout, isRunning } from './checkout.ts';

/** Starts the watching program below a shell below a stand-in for npm, as npm does. */
async function below(env: Record<string, string>) {
  const { folder, write } = checkout();
  const module = pathToFileURL(join(folder, 'electron/launcher/parent-watch.mjs')).href;
  write(
    'program.mjs',
    `import { watchParent } from ${JSON.stringify(module)};
     watchParent(() => process.exit(0));
     console.log(process.pid, process.ppid);
     setInterval(() => {}, 1000);`,
  );
  write(
    'npm.mjs',
    `import { spawn } from 'node:child_process';
     spawn('sh', ['-c', process.execPath + ' program.mjs; true'], { stdio: 'inherit', cwd: ${JSON.stringify(folder)} });
     setInterval(() => {}, 1000);`,
  );
  const npm = spawn(process.execPath, [join(folder, 'npm.mjs')], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [words] = (await once(npm.stdout, 'data')) as [Buffer];
  const [program, shell] = words.toString().trim().split(' ').map(Number) as [number, number];
  onTestFinished(() => {
    for (const pid of [program, shell, npm.pid!]) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  });
  return { npm: npm.pid!, shell, program };
}

describe.runIf(process.platform === 'linux')('npm start whose npm is gone', () => {
  const env = { npm_lifecycle_event: 'start' };

  it('ends when the shell between was ended', async () => {
    const { shell, program } = await below(env);
    process.kill(shell, 'SIGTERM');
    await vi.waitUntil(() => !isRunning(program), { timeout: 5_000 });
  });

  it('ends when npm was killed', async () => {
    const { npm, program } = await below(env);
    process.kill(npm, 'SIGKILL');
    await vi.waitUntil(() => !isRunning(program), { timeout: 5_000 });
  });

  it('runs on while they live, and started by hand it does not look', async () => {
    const watched = await below(env);
    const byHand = await below({});
    process.kill(byHand.npm, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect([watched.program, byHand.program].map(isRunning)).toEqual([true, true]);
  });
});
