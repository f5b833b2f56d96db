import { realpath, stat } from 'node:fs/promises';
import { DeviceError } from '../device-error.ts';

/** Serial ports of Linux and macOS by the kernel's names: not the consoles, and nothing that is no terminal. */
const UNIX_PORTS = /^\/dev\/(tty[A-Za-z]\w*|tty\.[\w.-]+|cu\.[\w.-]+|rfcomm\d+|pts\/\d+)$/;
/** `COM3`, `\\.\COM12`, and the pairs of a null-modem driver. */
const WINDOWS_PORTS = /^(\\\\\.\\)?(COM|CNC[AB])\d{1,4}$/i;

/**
 * A serial port is named by hand, so anything can stand there: a disk, the computer's memory, a watchdog that restarts it
 * when opened, a share on another computer that would be told this user's password hash. None of those is even opened.
 * Links, as udev makes them (`/dev/serial/by-id/…`), are followed.
 * @throws DeviceError ID_CARD_READER_FAILED when it is no serial port, and what the system says when nothing is there
 */
export async function requireSerialPort(
  path: string,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  if (platform === 'win32') {
    if (!WINDOWS_PORTS.test(path)) throw notOne();
    return;
  }
  // Named by its whole path: what a relative one means is nobody's guess.
  if (!path.startsWith('/')) throw notOne();
  const real = await realpath(path);
  if (!UNIX_PORTS.test(real) || !(await stat(real)).isCharacterDevice()) throw notOne();
}

function notOne(): DeviceError {
  return new DeviceError('ID_CARD_READER_FAILED', 'the path names no serial port');
}
