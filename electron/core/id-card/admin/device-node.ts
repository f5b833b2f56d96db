import { access, constants } from 'node:fs/promises';
import type { DeviceInfo } from '../../ports/reader-device.ts';

/**
 * Whether this user may open a device, asked of its device node and not by opening it, which another program
 * could notice. Linux only; elsewhere nothing can be told beforehand.
 * @returns null when it cannot be told
 */
export async function mayOpenNode(
  device: Pick<DeviceInfo, 'bus' | 'path'>,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean | null> {
  if (platform !== 'linux' || !device.path.startsWith('/dev/')) return null;
  try {
    await access(device.path, constants.R_OK | constants.W_OK);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' ? false : null;
  }
}
