import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCatalogue } from '../../../shared/domain/item/catalogue.ts';
import { searchItems } from '../../../shared/domain/item/search.ts';
import { sampleItem } from './sample-item.ts';

const FOLDER = 'resources/catalogue';
const rows = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json') && file !== 'item.schema.json')
  .map((file): unknown => JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')));
const { items } = readCatalogue(rows);
const first = (query: string, recent?: string[]): string | undefined =>
  searchItems(items, query, recent)[0]?.name;

const PENSION = '灵活就业人员企业职工基本养老保险参保登记';
const TRANSFER = '国有建设用地使用权及房屋所有权转移登记（存量房）';

describe('searching an item', () => {
  it.each([
    ['灵活就业', PENSION],
    ['灵活就业参保登记', PENSION],
    ['灵活参保', PENSION],
    ['lhjy', PENSION],
    ['LHJY', PENSION],
    ['ｌｈｊｙ', PENSION],
    ['lhjycbdj', PENSION],
    ['linghuojiuye', PENSION],
    ['ling huo', PENSION],
    ['linghjiuy', PENSION],
    ['灵活jy', PENSION],
    ['二手房', TRANSFER],
    ['esf', TRANSFER],
    ['fwgh', TRANSFER],
    ['过户', TRANSFER],
    ['存量房 转移', TRANSFER],
    ['gtgsh', '个体工商户设立登记'],
    ['个体户', '个体工商户设立登记'],
    ['营业执照', '个体工商户变更登记（备案）'],
    ['sbk', '社会保障卡申领'],
    ['护照', '普通护照签发'],
    ['gjj', '住房公积金提取'],
    ['ZC-20-RS001', PENSION],
    ['zc-20-rs001', PENSION],
  ])('%s finds %s first', (query, name) => {
    expect(first(query)).toBe(name);
  });

  it('finds by part of a code', () => {
    expect(
      searchItems(items, 'rs00')
        .map((item) => item.code)
        .every((code) => code.includes('RS00')),
    ).toBe(true);
    expect(searchItems(items, 'rs00').length).toBeGreaterThan(3);
  });

  it.each(['xyz', '不存在', '灵活 护照', 'lhjyv'])('finds nothing for %s', (query) => {
    expect(searchItems(items, query)).toEqual([]);
  });

  it('takes lv and lu for 绿', () => {
    const green = [sampleItem()];
    expect(searchItems(green, 'lvse')).toHaveLength(1);
    expect(searchItems(green, 'luse')).toHaveLength(1);
    expect(searchItems(green, 'kuaib')).toHaveLength(1);
  });

  it('lists everything for an empty query, last used first', () => {
    const recent = ['ZC-01-GA003', 'ZC-07-ZR001'];
    expect(searchItems(items, ' ', recent).map((item) => item.code)).toEqual([
      ...recent,
      ...items.map((item) => item.code).filter((code) => !recent.includes(code)),
    ]);
  });

  it('puts the last used first among equals, but not before a better match', () => {
    expect(first('社保')).toBe('个人参保证明查询打印');
    expect(first('bl', ['ZC-10-GA001'])).toBe('居住证办理');
    expect(first('普通护照签发', ['ZC-10-GA001'])).toBe('普通护照签发');
  });

  it('finds every item by its initials, its full pinyin and any piece of its name', () => {
    const place = fc.constantFrom(...items).chain((item) => {
      const name = Array.from(item.name);
      return fc.tuple(fc.constant(item), fc.nat(name.length - 2), fc.integer({ min: 2, max: 6 }));
    });
    fc.assert(
      fc.property(place, ([item, from, length]) => {
        const piece = Array.from(item.name)
          .slice(from, from + length)
          .join('');
        expect(searchItems(items, piece)).toContain(item);
        const syllables = item.pinyin.split(' ');
        expect(searchItems(items, syllables.map((s) => s.charAt(0)).join(''))).toContain(item);
        expect(searchItems(items, syllables.join(''))).toContain(item);
      }),
    );
  });

  it('never throws and only orders what is there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (query) => {
        for (const item of searchItems(items, query)) expect(items).toContain(item);
      }),
    );
  });

  it('answers a key stroke over 400 items in a few milliseconds', () => {
    const many = Array.from({ length: 400 }, (_, i) => ({ ...items[i % items.length]!, code: `C${i}` }));
    for (const query of ['l', 'lhjycbdj', '登记', 'jbylbx']) searchItems(many, query);
    const start = performance.now();
    for (let i = 0; i < 10; i++) searchItems(many, 'lhjycbdj');
    expect((performance.now() - start) / 10).toBeLessThan(50);
  });
});
