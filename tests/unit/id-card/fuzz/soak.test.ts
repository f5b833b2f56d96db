import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../../soak/card/run.mjs', import.meta.url));

function soak(...args: string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--seed', '1', ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, text: stdout + stderr };
}

describe('the soak script', () => {
  it('passes on the driver as it is and says with which seed', () => {
    const { status, text } = soak('--frames', '3000');
    expect(text).toContain('seed 1, 3000 frames');
    expect(status).toBe(0);
  }, 90_000);

  it('finds a driver that does not look at the check byte', () => {
    const { status, text } = soak('--frames', '3000', '--plant', 'checksum');
    expect(text).toMatch(/found: seed 1, frame \d+: Error: decoded/);
    expect(status).toBe(0);
  }, 90_000);

  it('fails when a planted mistake is not found', () => {
    // One frame is not enough.
    const { status, text } = soak('--frames', '1', '--plant', 'silence');
    expect(text).toContain('was not found');
    expect(status).toBe(1);
  }, 90_000);
});
