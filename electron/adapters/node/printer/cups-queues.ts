import { execFile } from 'node:child_process';
import type { LogPort } from '../../../core/ports/log.ts';

const LIMIT_MS = 5_000;

/** @returns the names of the CUPS queues of this machine; none where there is no CUPS or it does not answer in 5 s */
export function cupsQueues(log: LogPort, command = 'lpstat'): Promise<string[]> {
  return new Promise((resolve) => {
    // -e lists names alone, in every language; the C locale for its failures.
    const env = { ...process.env, LC_ALL: 'C' };
    execFile(command, ['-e'], { timeout: LIMIT_MS, killSignal: 'SIGKILL', env }, (error, out) => {
      if (error && error.code !== 'ENOENT')
        log.write('debug', 'printer', 'CUPS does not list its queues', { code: String(error.code) });
      resolve(
        out
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean),
      );
    });
  });
}
