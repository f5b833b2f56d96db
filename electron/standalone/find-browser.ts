import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import browsers from '../../resources/browsers.json' with { type: 'json' };

/**
 * The browser that shows the window: the one named by ZONGCHUANG_BROWSER, else the first on the PATH, else the first
 * of the known places. The list is data, because the launcher, which runs before anything is built, reads it too.
 * @param env PATH, and what %NAME% in a place stands for
 * @returns its path, or null when there is none
 */
export function findBrowser(
  env: Record<string, string | undefined>,
  platform: NodeJS.Platform,
  exists: (path: string) => boolean = existsSync,
): string | null {
  const asked = env['ZONGCHUANG_BROWSER'];
  if (asked) return exists(asked) ? asked : null;
  const known = (browsers as Partial<Record<NodeJS.Platform, { names: string[]; places: string[] }>>)[
    platform
  ];
  if (!known) return null;
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const onPath = known.names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const places = known.places.map((place) =>
    place.replace(/%([^%]+)%/g, (_, name: string) => valueOf(env, name)),
  );
  return [...onPath, ...places].find((path) => exists(path)) ?? null;
}

/** Names of the environment have no case on Windows, where Node's copy of it may have any. */
function valueOf(env: Record<string, string | undefined>, name: string): string {
  const key = Object.keys(env).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return (key === undefined ? undefined : env[key]) ?? '';
}
