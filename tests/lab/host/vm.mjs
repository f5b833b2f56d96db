// Boots the guest and listens to its console. Emulated: hardware acceleration is not there on every machine.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * @param {{ kernel: string, image: string, words: string[], limitMs: number, onLine: (line: string) => void }} options
 *   `words` are put on the kernel's command line; the guest reads its orders there
 * @returns {Promise<'ended' | 'limit'>} how it came to its end
 */
export function runVm({ kernel, image, words, limitMs, onLine }) {
  const child = spawn(
    'qemu-system-x86_64',
    [
      ...[
        '-M',
        'pc',
        '-accel',
        'tcg,thread=single,tb-size=512',
        '-icount',
        'shift=1,sleep=off',
        '-cpu',
        'max',
        '-smp',
        '1',
        '-m',
        '1024',
      ],
      ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
      ...['-kernel', kernel, '-initrd', image, '-append'],
      `console=ttyS0 quiet loglevel=3 mitigations=off nokaslr panic=-1 random.trust_cpu=on libata.force=disable ${words.join(' ')}`,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => onLine(line.replace(/\r/g, '')));
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      end();
      resolve('limit');
    }, limitMs);
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      process.off('exit', end);
      resolve('ended');
    });
  });
}
