import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

describe.each(['shared/sync/GUARANTEES.md', 'shared/sync/THREATS.md'])('what %s refers to', (page) => {
  it('is there: every test it names, under the name it gives', () => {
    const text = textOf(page);
    const paths = [...text.matchAll(/`(tests\/[^`]+)`/g)].map((match) => match[1] as string);
    expect(paths.length).toBeGreaterThan(10);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const titles = [...text.matchAll(/`(tests\/[^`]+)` › “([^”]+)”/g)];
    expect(titles.length).toBeGreaterThan(10);
    const lost = titles.filter(([, path = '', title = '']) => !textOf(path).includes(title));
    expect(lost.map(([whole]) => whole)).toEqual([]);
  });

  it('can be run: every script it names', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const named = [...textOf(page).matchAll(/`npm run ([\w:]+)/g)].map((match) => match[1] as string);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});
