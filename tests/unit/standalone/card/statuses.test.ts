import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../../../electron/core/id-card/admin/faults.ts';
import { SAM_STATUS_CODES, samStatus } from '../../../../electron/core/id-card/sam-status.ts';
import { chineseMeaning } from '../../../../electron/standalone/card/meanings.ts';
import { sentences } from '../../../../electron/standalone/card/sentences.ts';
import { troubles, troublesAsMarkdown } from '../../../../electron/standalone/card/statuses.ts';
import { ERROR_CODES } from '../../../../shared/contract/errors.ts';
import { root, terminal, words } from './desk.ts';

const CARD_CODES = ERROR_CODES.filter((code) => code.startsWith('ID_CARD_'));

describe('what the clerk is told', () => {
  it.each(CARD_CODES)('%s has a sentence in both languages that says what to do', (code) => {
    for (const language of ['zh-CN', 'en'] as const) {
      const sentence = words(language).of(`error.${code}`);
      expect(sentence, language).not.toBe(`error.${code}`);
      // What happened, and then what to do: two sentences, or two halves of one.
      expect(
        sentence.split(/[。.;；,，:：]/u).filter((part) => part.trim() !== '').length,
      ).toBeGreaterThanOrEqual(2);
      expect(sentence).toMatch(/请|按|要演示|press|place|check|replug|use |close|ask|unplug|lift|look/iu);
    }
  });

  it('on the command line nobody is told of the window’s keys', () => {
    for (const language of ['zh-CN', 'en'] as const)
      for (const code of CARD_CODES) {
        const sentence = words(language).error(code);
        expect(sentence).not.toMatch(/Alt\+M|[,，、]\s*[。.]/u);
        expect(sentence.length).toBeGreaterThan(8);
      }
  });

  it('both languages have the same sentences of the command line’s own', () => {
    expect(Object.keys(sentences.en)).toEqual(Object.keys(sentences['zh-CN']));
  });
});

describe('the table of status codes and faults', () => {
  it('has every code of the SAM and every error of the card reader', () => {
    const rows = troubles();
    expect(rows.filter(({ status }) => status !== '')).toHaveLength(SAM_STATUS_CODES.length);
    expect(SAM_STATUS_CODES.length).toBeGreaterThanOrEqual(22);
    const told = new Set(rows.map(({ error }) => error));
    expect(CARD_CODES.filter((code) => !told.has(code))).toEqual([]);
    expect(SAM_STATUS_CODES.every((code) => samStatus(code).meaning !== 'status outside the table')).toBe(
      true,
    );
    expect(new Set(FAULTS.map(({ fault }) => fault)).size).toBe(FAULTS.length);
  });

  it('has a Chinese meaning for every line, each its own', () => {
    const meanings = troubles().map((trouble) => chineseMeaning(trouble));
    expect(meanings.every((meaning) => meaning !== null)).toBe(true);
    expect(new Set(meanings).size).toBe(meanings.length);
  });

  it('stands in the README as the code and the message files have it', () => {
    const readme = readFileSync(join(root, 'electron/core/id-card/README.md'), 'utf8');
    const [, written = ''] = /<!-- statuses -->\n([^]*?)<!-- \/statuses -->/.exec(readme) ?? [];
    const made = troublesAsMarkdown(words('zh-CN').of, words('en').of);
    // npm run card -- statuses --markdown
    expect(cellsOf(written)).toEqual(cellsOf(made));
  });

  it('is printed for people, for programs and for the README', async () => {
    const { run } = terminal();
    expect((await run('statuses')).out).toMatch(/66 .*ID_CARD_READER_NOT_AUTHORISED.*请换一台读卡器/);
    expect((await run('statuses', '--lang', 'en')).out).toMatch(/66 .*Use another reader/);
    const rows = JSON.parse((await run('statuses', '--json')).out) as { status: string }[];
    expect(rows.find(({ status }) => status === '60')).toMatchObject({ error: 'ID_CARD_SELF_TEST' });
    const chinese = (await run('statuses', '--markdown')).out;
    expect((await run('statuses', '--markdown', '--lang', 'en')).out).toBe(chinese);
  });
});

/** Rows of a Markdown table, however its columns are padded. */
function cellsOf(markdown: string): string[][] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s|-]+\|$/.test(line))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
}
