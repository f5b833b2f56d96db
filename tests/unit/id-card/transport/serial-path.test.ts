import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadSerial } from '../../../../electron/adapters/device-host/backends/serial.ts';
import { requireSerialPort } from '../../../../electron/adapters/device-host/backends/serial-path.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'zc-serial-path-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

describe.skipIf(process.platform === 'win32')('a serial port named by hand', () => {
  it.each(['/dev/null', '/dev/zero', '/dev/tty', '/dev/ptmx', 'ttyS0', '/dev/../dev/null'])(
    'that is %s is refused',
    async (path) => {
      await expect(requireSerialPort(path)).rejects.toThrow('no serial port');
    },
  );

  it('that is a file, a link to one or a pipe is refused without being opened', async () => {
    const at = folder();
    writeFileSync(join(at, 'plain'), 'kept');
    symlinkSync('/dev/null', join(at, 'ttyS7'));
    symlinkSync(join(at, 'plain'), join(at, 'ttyS8'));
    execFileSync('mkfifo', [join(at, 'pipe')]);
    const serial = await loadSerial(() => undefined);
    const events = { onPacket: () => undefined, onGone: () => undefined };
    for (const name of ['plain', 'ttyS7', 'ttyS8', 'pipe']) {
      const access = { bus: 'serial', baudRate: 115_200 } as const;
      await expect(serial.open(join(at, name), access, events), name).rejects.toMatchObject({
        code: 'ID_CARD_READER_FAILED',
        message: 'the path names no serial port',
      });
    }
  });

  it('that is not there says so', async () => {
    await expect(requireSerialPort('/dev/ttyUSB250')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a serial port on Windows', () => {
  it.each(['COM3', 'com12', '\\\\.\\COM10', 'CNCA0'])('%s is one', async (path) => {
    await expect(requireSerialPort(path, 'win32')).resolves.toBeUndefined();
  });

  it.each(['\\\\server\\share\\COM3', '\\\\.\\PhysicalDrive0', 'C:\\COM3', 'COM', '/dev/ttyS0', 'COM3:'])(
    '%s is none',
    async (path) => {
      await expect(requireSerialPort(path, 'win32')).rejects.toThrow('no serial port');
    },
  );
});
