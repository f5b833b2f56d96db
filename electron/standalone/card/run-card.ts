import { parseArgs } from 'node:util';
import { CodedError } from '../../../shared/contract/errors.ts';
import { DEVICE_ENDS, type ReaderKind } from '../../adapters/simulated/card-reader/device-ends.ts';
import { EXIT, UsageError, type CardAround, type ExitCode } from './around.ts';
import { decode } from './decode.ts';
import { descriptor } from './descriptor.ts';
import { HELP } from './help.ts';
import { list } from './list.ts';
import { probe } from './probe.ts';
import { profiles } from './profiles.ts';
import { read } from './read.ts';
import { simulate } from './simulate.ts';
import { statuses } from './statuses.ts';
import { LANGUAGES, type Language, type Words } from './words.ts';

const OPTIONS = {
  lang: { type: 'string', default: 'zh-CN' },
  data: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  yes: { type: 'boolean', default: false },
  profile: { type: 'string', multiple: true, default: [] as string[] },
  fingerprint: { type: 'boolean', default: false },
  management: { type: 'boolean', default: false },
  times: { type: 'string', default: '1' },
  wait: { type: 'string', default: '60' },
  reveal: { type: 'boolean', default: false },
  demo: { type: 'boolean', default: false },
  card: { type: 'string' },
  scene: { type: 'string' },
  carrier: { type: 'string' },
  tty: { type: 'string' },
  tcp: { type: 'string' },
  markdown: { type: 'boolean', default: false },
} as const;

const parse = (args: readonly string[]) =>
  parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
export type CardArguments = ReturnType<typeof parse>;

export type ParsedArguments =
  | { ok: true; language: Language; data: string | null; arguments: CardArguments }
  | { ok: false; reason: string };

/** Reads the switches; every command has the same ones and takes those it knows. */
export function readArguments(args: readonly string[]): ParsedArguments {
  try {
    const parsed = parse(args);
    const { lang, data } = parsed.values;
    const language = LANGUAGES.find((known) => known.toLowerCase().startsWith(lang.toLowerCase()));
    if (!language) return { ok: false, reason: `--lang ${lang}` };
    return { ok: true, language, data: data ?? null, arguments: parsed };
  } catch (error) {
    // The first sentence; the rest explains how to write a path that begins with a dash.
    return {
      ok: false,
      reason: error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error),
    };
  }
}

/**
 * One command of `npm run card`.
 * @param other the words of the other language, for tables in both
 */
export async function runCard(
  { values, positionals }: CardArguments,
  around: CardAround,
  other: Words,
): Promise<ExitCode> {
  const { words, say, tell } = around;
  const [command = 'help', ...rest] = positionals;
  try {
    if (values.help || command === 'help') {
      say(HELP);
      return EXIT.done;
    }
    switch (command) {
      case 'list':
        return await list(around, values);
      case 'probe':
        return await probe(around, { ...values, target: rest[0], profiles: values.profile });
      case 'read':
        return await read(around, {
          ...values,
          choice: values.profile.at(-1),
          times: count('--times', values.times, 1000),
          waitSeconds: count('--wait', values.wait, 86_400),
          demo:
            values.demo || values.scene !== undefined || values.card !== undefined
              ? {
                  carrier: carrierOf(values.carrier ?? 'miaxis'),
                  scene: values.scene,
                  card: values.card,
                  times: count('--times', values.times, 1000),
                }
              : null,
        });
      case 'decode':
        return await decode(around, rest, values);
      case 'descriptor':
        return await descriptor(around, rest[0], values);
      case 'profiles':
        return await profiles(around, rest, values);
      case 'statuses':
        return statuses(around, { ...values, other });
      case 'simulate':
        return await simulate(around, {
          tty: values.tty,
          scene: values.scene,
          card: values.card,
          tcp: values.tcp === undefined ? undefined : count('--tcp', values.tcp, 65_535, 0),
          times: count('--times', values.times, 1000),
        });
      default:
        tell(words.own.unknownCommand(command));
        return EXIT.usage;
    }
  } catch (error) {
    if (error instanceof UsageError) {
      tell(error.message);
      return EXIT.usage;
    }
    if (!(error instanceof CodedError)) throw error;
    tell(`${words.error(error.code)} (${error.code})`);
    return error.code === 'ID_CARD_READER_MISSING' ? EXIT.missing : EXIT.failed;
  }
}

function count(name: string, text: string, most: number, least = 1): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UsageError(`${name} ${text}: ${least}–${most}`);
  return value;
}

function carrierOf(name: string): ReaderKind {
  if (Object.hasOwn(DEVICE_ENDS, name)) return name as ReaderKind;
  throw new UsageError(`--carrier ${name}: ${Object.keys(DEVICE_ENDS).join(', ')}`);
}
