import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorCode } from '../../../shared/contract/errors.ts';
import { sentences, type Sentences } from './sentences.ts';

export const LANGUAGES = ['zh-CN', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What the command says: its own sentences, and those the window uses for the same things. */
export interface Words {
  language: Language;
  own: Sentences;
  /** A message of the window by its key; the key itself when there is none. */
  of: (key: string) => string;
  /** The clerk's sentence for an error, without the window's keys. */
  error: (code: ErrorCode) => string;
}

/** @param messages the window's message file of this language, parsed */
export function wordsOf(language: Language, messages: unknown): Words {
  const of = (key: string): string => {
    let found: unknown = messages;
    for (const part of key.split('.'))
      found =
        typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[part] : undefined;
    return typeof found === 'string' ? found : key;
  };
  return {
    language,
    own: sentences[language],
    of,
    error: (code) => withoutKeys(of(`error.${code}`)),
  };
}

/** @param root the checkout */
export function loadMessages(root: string, language: Language): unknown {
  return JSON.parse(readFileSync(join(root, 'renderer/src/messages', `${language}.json`), 'utf8'));
}

/** "… or press Alt+M to type" is true in the window only. */
function withoutKeys(sentence: string): string {
  return sentence.replace(/[\uFF0C,]?\s*(或按 Alt\+M 手工录入|or press Alt\+M to type)/u, '');
}
