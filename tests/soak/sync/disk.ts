import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import koffi from 'koffi';

/** A disk of its own: an ext4 image on a loop device, which can lose its power and be filled. Needs root. */
export interface Disk {
  /** Where it is mounted. */
  folder: string;
  /**
   * The power fails: from this moment nothing reaches the medium, not even the file system's own journal, and what was
   * written without being flushed is gone at the next mount. The file system's own call for exactly this
   * (FS_IOC_SHUTDOWN without log flush), which the file system tests of the kernel cut the power with.
   */
  cut(): void;
  /** After those who used it have ended: the machine is switched on again. */
  powerOn(): Promise<void>;
  freeBytes(): number;
  /** Fills it until at most so many bytes are left. */
  fill(leave: number): void;
  /** Gives the space back that `fill` took. */
  empty(): void;
  remove(): Promise<void>;
}

const FS_IOC_SHUTDOWN = 0x8004587dn;
const NO_LOG_FLUSH = 2;

/** @returns why there can be no such disk here, null when there can */
export function noDisk(): string | null {
  if (process.platform !== 'linux') return 'loop devices are Linux only';
  return process.getuid?.() === 0 ? null : 'mounting needs root';
}

export async function makeDisk(megabytes: number): Promise<Disk> {
  const home = mkdtempSync(join(tmpdir(), 'zc-disk-'));
  const image = join(home, 'disk.img');
  const folder = join(home, 'mounted');
  const ballast = join(folder, '.ballast');
  const run = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const libc = koffi.load('libc.so.6');
  const ioctl = libc.func('int ioctl(int fd, unsigned long request, uint32_t *value)');
  // Readable on the way for the account PostgreSQL runs under.
  run('chmod', '711', home);
  run('truncate', '-s', `${megabytes}M`, image);
  // No blocks kept back for root, whom the tests run as.
  run('mkfs.ext4', '-q', '-F', '-m', '0', image);
  mkdirSync(folder);
  run('mount', '-o', 'loop', image, folder);

  const unmount = async (): Promise<void> => {
    for (let tries = 1; ; tries++) {
      try {
        run('umount', folder);
        return;
      } catch (error) {
        if (tries === 100) throw error;
        await sleep(100);
      }
    }
  };

  const disk: Disk = {
    folder,
    cut() {
      const fd = openSync(folder, 'r');
      const failed = ioctl(fd, FS_IOC_SHUTDOWN, [NO_LOG_FLUSH]) as number;
      closeSync(fd);
      if (failed !== 0) throw new Error('the file system does not know how to lose its power');
    },
    async powerOn() {
      await unmount();
      run('mount', '-o', 'loop', image, folder);
    },
    freeBytes() {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    },
    fill(leave) {
      const fd = openSync(ballast, 'a');
      const piece = Buffer.alloc(1024 * 1024);
      try {
        for (let size = piece.length; size >= 4096;) {
          if (disk.freeBytes() - size < leave) size /= 2;
          else writeSync(fd, piece, 0, size);
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(fd);
      }
    },
    empty: () => rmSync(ballast, { force: true }),
    async remove() {
      await unmount();
      rmSync(home, { recursive: true, force: true });
    },
  };
  return disk;
}
