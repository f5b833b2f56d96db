import { accessSync, constants, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { PathsPort } from '../../core/ports/paths.ts';

export interface ProfileChoice {
  /** What the person asked for with `--profile`. */
  asked?: string | undefined;
  env: Record<string, string | undefined>;
  platform: NodeJS.Platform;
  home: string;
}

/**
 * Where this person's data lives: `--profile`, then ZONGCHUANG_PROFILE, then the place the system keeps for
 * it (XDG base directories on Linux; LOCALAPPDATA on Windows, because it must not roam to another machine).
 */
export function profileFolder({ asked, env, platform, home }: ProfileChoice): string {
  const chosen = asked ?? env['ZONGCHUANG_PROFILE'];
  if (chosen) return resolve(chosen);
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Zongchuang');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Zongchuang');
  const data = env['XDG_DATA_HOME'];
  // The base directory specification: a relative path here is invalid and must be ignored.
  return join(data && isAbsolute(data) ? data : join(home, '.local', 'share'), 'zongchuang');
}

/** Folders the shells keep beside the core's own, all inside the profile. */
export interface ShellFolders {
  paths: PathsPort;
  secrets: string;
  logs: string;
  /** The browser's or Electron's own profile. */
  window: string;
}

/**
 * Makes the folders and proves that they can be written, by writing.
 * @throws CodedError PROFILE_NOT_WRITABLE; the detail names the folder and the system's reason
 */
export function prepareFolders(profile: string, resources: string): ShellFolders {
  const folders: ShellFolders = {
    paths: { profile, papers: join(profile, 'papers'), resources },
    secrets: join(profile, 'secrets'),
    logs: join(profile, 'logs'),
    window: join(profile, 'window'),
  };
  try {
    for (const folder of [profile, folders.paths.papers, folders.secrets, folders.logs, folders.window]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      accessSync(folder, constants.W_OK);
    }
    const probe = join(profile, `.write-check-${process.pid}`);
    writeFileSync(probe, 'x');
    rmSync(probe);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CodedError('PROFILE_NOT_WRITABLE', `${profile} (${code ?? String(error)})`, { cause: error });
  }
  return folders;
}
