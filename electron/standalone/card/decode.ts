import { readFile } from 'node:fs/promises';
import { describeCardBytes } from '../../core/id-card/decode.ts';
import { localDay } from '../../core/local-time.ts';
import { EXIT, UsageError, type CardAround, type ExitCode } from './around.ts';

/** `decode <hex|file|->`: what bytes are, as JSON; masked unless revealed. */
export async function decode(
  around: CardAround,
  parts: readonly string[],
  { reveal }: { reveal: boolean },
): Promise<ExitCode> {
  const { words, say, clock } = around;
  if (parts.length === 0) throw new UsageError(words.own.missingArgument('decode <hex|file|->'));
  const described = describeCardBytes(await bytesOf(around, parts), localDay(clock.now()), reveal);
  say(JSON.stringify(described, null, 2));
  return described.kind === 'unrecognised' ? EXIT.failed : EXIT.done;
}

/** Hex digits, perhaps spread over several arguments; else a file, of hex digits or of the bytes themselves. */
async function bytesOf({ stdin }: CardAround, parts: readonly string[]): Promise<Uint8Array | string> {
  const [first = ''] = parts;
  if (first === '-') return textOrBytes(await stdin());
  if (parts.length === 1) {
    const file = await readFile(first).catch(() => null);
    if (file) return textOrBytes(file);
  }
  return parts.join(' ');
}

function textOrBytes(bytes: Uint8Array): Uint8Array | string {
  const text = Buffer.from(bytes).toString('latin1');
  return /^[\s0-9a-fx,:;-]*$/iu.test(text) ? text : Uint8Array.from(bytes);
}
