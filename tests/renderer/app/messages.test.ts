import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../../shared/contract/errors.ts';
import { cardPhaseSchema } from '../../../shared/contract/card.ts';
import { sheetStateSchema } from '../../../shared/contract/print.ts';
import en from '../../../renderer/src/messages/en.json';
import zh from '../../../renderer/src/messages/zh-CN.json';
import { createLanguages } from '../../../renderer/src/app/i18n.ts';

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, before = ''): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') all.set(before + key, value);
    else for (const [deeper, text] of flat(value, `${before}${key}.`)) all.set(deeper, text);
  }
  return all;
}

const chinese = flat(zh);
const english = flat(en);
const root = resolve(import.meta.dirname, '../../../renderer/src');
const sources = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => /\.(vue|ts)$/.test(entry.name))
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));

const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');

describe('the message files', () => {
  it('say the same things in both languages', () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
  });

  it('hold no empty text, and the same placeholders in both languages', () => {
    for (const [key, text] of chinese) {
      expect(text.trim(), key).not.toBe('');
      expect(placeholders(english.get(key) ?? '').sort(), key).toEqual(placeholders(text).sort());
    }
  });

  it('have a sentence for every error code, and it says what to do', () => {
    for (const code of ERROR_CODES) {
      const sentence = chinese.get(`error.${code}`) ?? '';
      expect(sentence, code).toMatch(/。$/);
      // What happened, and then what to do or that nothing has to be done: at least two clauses.
      expect(sentence.split(/[。，；]/).filter(Boolean).length, `${code}: ${sentence}`).toBeGreaterThan(1);
      expect(english.get(`error.${code}`) ?? '', code).toMatch(/\.$/);
    }
  });

  it('have words for every state that the machine can report', () => {
    for (const phase of cardPhaseSchema.options) {
      expect(chinese.has(`reader.${phase}`), phase).toBe(true);
      expect(chinese.has(`readerShort.${phase}`), phase).toBe(true);
    }
    for (const state of sheetStateSchema.options) expect(chinese.has(`sheet.${state}`), state).toBe(true);
    for (const code of ERROR_CODES.filter((one) => one.startsWith('PRINT_')))
      expect(chinese.has(`printer.${code}`), code).toBe(true);
  });

  it('hold every key that the sources name', () => {
    const named = sources.flatMap((source) => [
      ...[...source.matchAll(/\bt\(\s*'([a-zA-Z]+\.[\w.-]+)'/g)].map(([, key]) => key ?? ''),
      ...[...source.matchAll(/(?:label|key): '([a-zA-Z]+\.[\w.-]+)'/g)].map(([, key]) => key ?? ''),
      ...[...source.matchAll(/\.say\('\w+', '([\w.-]+)'/g)].map(([, key]) => key ?? ''),
    ]);
    expect(named.length).toBeGreaterThan(80);
    expect(named.filter((key) => !chinese.has(key))).toEqual([]);
  });

  it('hold something under every key that the sources put together', () => {
    const stems = sources.flatMap((source) =>
      [...source.matchAll(/`([a-zA-Z]+)\.\$\{/g)].map(([, stem]) => `${stem}.`),
    );
    const keys = [...chinese.keys()];
    for (const stem of new Set(stems))
      expect(
        keys.some((key) => key.startsWith(stem)),
        stem,
      ).toBe(true);
  });

  it('are written in full-width punctuation, as Chinese is', () => {
    for (const [key, text] of chinese) expect(text, key).not.toMatch(/[\u4e00-\u9fff][,;?!]/);
  });

  it('can be read by the formatter, in both languages', async () => {
    const { i18n, use } = createLanguages();
    expect(i18n.global.t('line.offlineUnsent', { n: 7, time: '09:12' })).toBe(
      '离线 · 7 件未上传 · 最早 09:12',
    );
    await use('en');
    expect(i18n.global.t('line.synced', { time: '10:42' })).toBe('In step 10:42');
    expect(document.documentElement.lang).toBe('en');
    for (const key of english.keys()) expect(i18n.global.t(key), key).not.toBe(key);
    await use('zh-CN');
    for (const key of chinese.keys()) expect(i18n.global.t(key), key).not.toBe(key);
  });
});
