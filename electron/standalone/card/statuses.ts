import { FAULTS } from '../../core/id-card/admin/faults.ts';
import { SAM_STATUS_CODES, samStatus } from '../../core/id-card/sam-status.ts';
import type { ErrorCode } from '../../../shared/contract/errors.ts';
import { EXIT, type CardAround, type ExitCode } from './around.ts';
import { chineseMeaning } from './meanings.ts';
import { table } from './table.ts';
import type { Words } from './words.ts';

/** One line of the table: a status of the SAM, or a fault without one. */
export interface Trouble {
  /** Two hex digits, '' for a fault. */
  status: string;
  meaning: string;
  /** What the driver makes of it; '' for a fault. */
  kind: string;
  /** null where it is no trouble. */
  error: ErrorCode | null;
}

/** Every status code of the SAM, then every other fault. */
export function troubles(): Trouble[] {
  const statuses = SAM_STATUS_CODES.map((code): Trouble => {
    const { kind, meaning, error } = samStatus(code);
    const status = code.toString(16).padStart(2, '0').toUpperCase();
    return { status, meaning, kind, error: kind === 'success' ? null : error };
  });
  return [
    ...statuses,
    ...FAULTS.map(({ fault, error }) => ({ status: '', meaning: fault, kind: '', error })),
  ];
}

/** The table of the docs, between the two marks that the test compares. */
export function troublesAsMarkdown(
  chinese: (key: string) => string,
  english: (key: string) => string,
): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = troubles().map(({ status, meaning, kind, error }) => {
    const sentences = error ? [chinese(`error.${error}`), english(`error.${error}`)] : ['', ''];
    return [status, meaning, kind, error ? `\`${error}\`` : '', ...sentences].map(cell);
  });
  const head = ['SW3', 'meaning or fault', 'reaction', 'error', 'zh-CN', 'en'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** `statuses`: the table for a terminal, as JSON, or as Markdown in both languages for the README. */
export function statuses(
  { words, say }: CardAround,
  { json, markdown, other }: { json: boolean; markdown: boolean; other: Words },
): ExitCode {
  if (markdown) {
    const [chinese, english] = words.language === 'en' ? [other, words] : [words, other];
    say(troublesAsMarkdown(chinese.of, english.of));
    return EXIT.done;
  }
  const sentence = (error: ErrorCode | null): string => (error ? words.of(`error.${error}`) : '');
  const all = troubles().map((trouble) => ({ ...trouble, sentence: sentence(trouble.error) }));
  if (json) {
    say(JSON.stringify(all, null, 2));
    return EXIT.done;
  }
  const head = words.own.statusColumns;
  const rows = all.map((trouble) => [
    trouble.status || '·',
    (words.language === 'zh-CN' && chineseMeaning(trouble)) || trouble.meaning,
    trouble.error ?? '',
    trouble.sentence,
  ]);
  table([[head.status, head.meaning, head.error, head.sentence], ...rows]).forEach(say);
  return EXIT.done;
}
