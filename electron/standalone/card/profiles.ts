import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadReaderProfiles, profileIdsIn } from '../../core/id-card/load-reader-profiles.ts';
import type { ReaderProfile } from '../../core/id-card/reader-profile.ts';
import { busOf, readerProfileSchema } from '../../core/id-card/reader-profile.ts';
import { EXIT, UsageError, type CardAround, type ExitCode } from './around.ts';
import { table } from './table.ts';

/** The shipped profiles and those of this installation. */
export function loadProfiles({ resources, profile, log }: CardAround): Promise<ReaderProfile[]> {
  return loadReaderProfiles([join(resources, 'readers'), join(profile, 'readers')], log);
}

/** `profiles`: the list, and `profiles check <file>`. */
export async function profiles(
  around: CardAround,
  [action, file]: readonly string[],
  { json }: { json: boolean },
): Promise<ExitCode> {
  const { words, say } = around;
  if (action === 'check') {
    if (file === undefined) throw new UsageError(words.own.missingArgument('profiles check <file>'));
    return check(around, file);
  }
  if (action !== undefined) throw new UsageError(words.own.unknownCommand(`profiles ${action}`));
  const own = await profileIdsIn(join(around.profile, 'readers'));
  const all = (await loadProfiles(around)).map((profile) => ({
    id: profile.id,
    bus: busOf(profile),
    name: profile.name,
    match: profile.match.map(({ vendorId, productId }) => `${vendorId}:${productId}`.toUpperCase()),
    own: own.has(profile.id),
  }));
  if (json) say(JSON.stringify(all, null, 2));
  else {
    const { profileColumns: head, onDemand, own: mine, shipped } = words.own;
    const rows = all.map(({ id, bus, name, match, own: isOwn }) => [
      id,
      words.of(`readerPage.bus.${bus}`),
      match.join(' ') || onDemand,
      isOwn ? mine : shipped,
      name,
    ]);
    table([[head.id, head.bus, head.match, head.own, head.name], ...rows]).forEach(say);
  }
  return EXIT.done;
}

async function check(around: CardAround, file: string): Promise<ExitCode> {
  const { words, say, tell } = around;
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    tell(error instanceof SyntaxError ? words.own.notJson(reason) : words.own.cannotReadFile(file, reason));
    return EXIT.failed;
  }
  const result = readerProfileSchema.safeParse(parsed);
  if (!result.success) {
    tell(words.own.profileBad(result.error.issues.length));
    for (const { path, message } of result.error.issues)
      tell(`  ${path.map(String).join('.') || '(JSON)'}: ${message}`);
    return EXIT.failed;
  }
  const { id, name, match } = result.data;
  say(words.own.profileGood(id, name));
  const shipped = await loadReaderProfiles([join(around.resources, 'readers')], around.log);
  if (shipped.some((profile) => profile.id === id)) say(words.own.profileReplaces(id));
  if (match.length === 0) say(words.own.profileUnmatched(id));
  say(words.own.profilePut(join(around.profile, 'readers')));
  return EXIT.done;
}
