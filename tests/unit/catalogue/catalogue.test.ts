import { readdirSync, readFileSync } from 'node:fs';
import { pinyin } from 'pinyin-pro';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { itemsInForce, readCatalogue } from '../../../shared/domain/item/catalogue.ts';
import { ITEM_SHAPE } from '../../../shared/domain/item/item-shape.ts';
import { schemaOf } from '../../../shared/domain/item/shape-schema.ts';

const FOLDER = 'resources/catalogue';
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json') && file !== 'item.schema.json');
const rows = files.map((file): unknown => JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')));
const { items, problems } = readCatalogue(rows);

/** Where the package reads a character as it is read in another word; the person reading aloud decides. */
const READ_OTHERWISE: Record<string, string> = {
  个人参保证明查询打印: 'ge ren can bao zheng ming cha xun da yin',
};

function spoken(text: string): string {
  const han = (text.match(/\p{Script=Han}/gu) ?? []).join('');
  return READ_OTHERWISE[text] ?? pinyin(han, { toneType: 'none', v: true, type: 'array' }).join(' ');
}

describe('the catalogue', () => {
  it('has no fault', () => {
    expect(problems).toEqual([]);
    expect(items.length).toBeGreaterThanOrEqual(12);
  });

  it('gives every item a code and a name of its own', () => {
    expect(new Set(items.map((item) => item.code)).size).toBe(items.length);
    expect(new Set(items.map((item) => item.name)).size).toBe(items.length);
  });

  it.each(items.map((item) => [item.name, item] as const))(
    'is read aloud as it is written: %s',
    (_, item) => {
      expect(item.pinyin).toBe(spoken(item.name));
      expect(item.aliasPinyin).toEqual(item.aliases.map(spoken));
    },
  );

  it('offers every item on the day it is written for', () => {
    expect(itemsInForce(items, '2026-11-21')).toEqual(items);
    expect(itemsInForce(items, '2024-12-31')).toEqual([]);
  });

  it('tolerates nothing late where the law wants a refusal at the counter (不动产登记暂行条例 §17)', () => {
    const strict = items.filter((item) => item.deemedAcceptance === 'at-the-counter');
    expect(strict.length).toBeGreaterThan(0);
    for (const item of strict) {
      expect(item.materials.filter((material) => material.tolerated !== undefined)).toEqual([]);
      expect(item.category).toBe('不动产登记');
    }
  });

  it('asks for an identity document read from the card, and for no copy of it', () => {
    for (const item of items) {
      const card = item.materials.filter((material) => material.origin === 'card');
      expect([item.name, card.map(({ copies }) => copies)]).toEqual([item.name, [0]]);
    }
  });

  it('says of each item what was checked', () => {
    for (const item of items) expect([item.name, item.checkedNote ?? '']).not.toEqual([item.name, '']);
  });

  it('is free unless a rule names an amount', () => {
    const charged = items
      .filter((item) => item.fee.amounts.some(({ fen }) => fen > 0))
      .map((item) => item.name);
    expect(charged.sort()).toEqual([
      '国有建设用地使用权及房屋所有权转移登记（存量房）',
      '居民身份证换领',
      '普通护照签发',
    ]);
  });
});

describe('the published schema', () => {
  const schema = schemaOf(ITEM_SHAPE, {
    $id: 'https://zongchuang.invalid/item.schema.json',
    title: '政务服务事项',
  });

  // Written anew by `npx vitest run … -u` after a deliberate change of the shape.
  it('is the one the program checks by', async () => {
    const path = `${FOLDER}/item.schema.json`;
    const text = await format(JSON.stringify(schema), { ...(await resolveConfig(path)), parser: 'json' });
    await expect(text).toMatchFileSnapshot(`../../../${path}`);
  });

  it('accepts every item of the catalogue and refuses a mistyped key', () => {
    const check = z.fromJSONSchema(schema);
    for (const row of rows) expect(check.safeParse(row).success).toBe(true);
    expect(check.safeParse({ ...(rows[0] as object), tolerted: 1 }).success).toBe(false);
    expect(check.safeParse({ ...(rows[0] as object), kind: 'slow' }).success).toBe(false);
  });
});
