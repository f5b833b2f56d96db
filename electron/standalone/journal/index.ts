import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createSystemClock } from '../../adapters/node/clock.ts';
import { profileFolder } from '../../adapters/node/paths.ts';
import { createFileSecrets } from '../../adapters/node/secrets.ts';
import { machinePolicyPath } from '../../core/settings/settings-store.ts';
import { CodedError, type ErrorCode } from '../../../shared/contract/errors.ts';
import { maskText } from '../../../shared/domain/masking/mask.ts';
import { loadMessages, wordsOf } from '../card/words.ts';
import {
  exportTo,
  importFrom,
  openCopies,
  recoveryKey,
  restoreFrom,
  verify,
  type JournalAround,
} from './commands.ts';
import { HELP } from './help.ts';

const EXIT = { done: 0, failed: 1, usage: 2, running: 4 } as const;
type Exit = (typeof EXIT)[keyof typeof EXIT];

const OPTIONS = {
  profile: { type: 'string' },
  to: { type: 'string' },
  from: { type: 'string' },
  key: { type: 'string' },
  out: { type: 'string' },
  all: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** A mistake on the command line. */
class UsageError extends Error {}

const needed = (value: string | undefined, name: string): string => {
  if (!value) throw new UsageError(name);
  return value;
};

/**
 * `npm run journal`: the record of this PC from the command line, with the program's own code.
 * @param root the checkout, where the messages lie
 * @returns the exit code
 */
export async function startJournal(
  args: readonly string[],
  root = resolve(import.meta.dirname, '../..'),
): Promise<Exit> {
  const { env, platform } = process;
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const profile = profileFolder({ asked: values.profile, env, platform, home: homedir() });
    const around: JournalAround = {
      profile,
      policyPath: machinePolicyPath(platform, env),
      secrets: createFileSecrets(resolve(profile, 'secrets')),
      clock: createSystemClock(),
      log: {
        write(level, area, text, data) {
          if (env['ZONGCHUANG_DEBUG'])
            tell(maskText(`[${level}] ${area}: ${text} ${JSON.stringify(data ?? {})}`));
        },
      },
      say: (line) => void process.stdout.write(`${line}\n`),
    };
    return await run(values.help ? 'help' : (positionals[0] ?? 'help'), positionals.slice(1), values, around);
  } catch (error) {
    if (error instanceof CodedError) {
      for (const sentence of sentencesOf(root, error.code)) tell(sentence);
      return error.code === 'JOURNAL_LOCKED' ? EXIT.running : EXIT.failed;
    }
    const reason = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    const usage =
      error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
    tell(
      usage
        ? `参数不正确:${reason}。用 npm run journal -- help 查看。 Wrong arguments: ${reason}.`
        : `没有成功:${maskText(reason)} Failed.`,
    );
    return usage ? EXIT.usage : EXIT.failed;
  }
}

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

async function run(command: string, rest: string[], values: Values, around: JournalAround): Promise<Exit> {
  switch (command) {
    case 'help':
      around.say(HELP);
      return EXIT.done;
    case 'verify':
      return (await verify(around)) ? EXIT.done : EXIT.failed;
    case 'export':
      await exportTo(around, needed(values.to, '--to'), values.all);
      return EXIT.done;
    case 'import':
      if (rest.length === 0) throw new UsageError('import');
      await importFrom(around, rest);
      return EXIT.done;
    case 'restore':
      await restoreFrom(around, needed(values.from, '--from'));
      return EXIT.done;
    case 'recovery-key':
      await recoveryKey(around, needed(values.out, '--out'));
      return EXIT.done;
    case 'open': {
      const of = {
        from: needed(values.from, '--from'),
        key: needed(values.key, '--key'),
        out: needed(values.out, '--out'),
      };
      if (await openCopies(around, of)) return EXIT.done;
      throw new CodedError('JOURNAL_IMPORT_UNREADABLE', 'the key opens none of them');
    }
    default:
      throw new UsageError(command);
  }
}

function sentencesOf(root: string, code: ErrorCode): string[] {
  return (['zh-CN', 'en'] as const).map(
    (language) => `${wordsOf(language, loadMessages(root, language)).error(code)} (${code})`,
  );
}
