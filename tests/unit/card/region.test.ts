import { readFileSync, statSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
// @ts-expect-error a script without types
import { makeRegions } from '../../../resources/regions/build.mjs';
import { checkCitizenNumber, completeCitizenNumber } from '../../../shared/domain/card/citizen-number.ts';
import { regionOf } from '../../../shared/domain/card/region.ts';
import type { RegionData } from '../../../shared/domain/card/region.ts';

const file = new URL('../../../resources/regions/gb2260.json', import.meta.url);
const data = JSON.parse(readFileSync(file, 'utf8')) as RegionData;

/** An invented number of a region and a day. */
const numberOf = (region: string, birth: string): string =>
  completeCitizenNumber(`${region}${birth.replaceAll('-', '')}999`);
const nameOf = (region: string, birth: string): string | undefined =>
  regionOf(numberOf(region, birth), data)?.name;

describe('the region data', () => {
  it('is what the package gives, and small', () => {
    expect(makeRegions()).toEqual(data);
    expect(statSync(file).size).toBeLessThan(100_000);
    expect(data.revisions.split(' ')).toHaveLength(19);
  });

  it('names every code of every revision as that revision does', async () => {
    const revisions = data.revisions.split(' ');
    let seen = 0;
    for (const revision of [revisions[0], revisions[9], revisions.at(-1)]) {
      const path = new URL(`../../../node_modules/gb2260/lib/${revision}.json`, import.meta.url);
      const codes = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
      const day = `${revision?.slice(0, 4)}-${revision?.slice(4)}-28`;
      for (const [code, name] of Object.entries(codes)) {
        if (code.endsWith('00') || /^8[123]/.test(code)) continue;
        const region = regionOf(numberOf(code, day), data);
        expect(region).toMatchObject({ level: 'county', code });
        if (region?.county !== '') expect(region?.county).toBe(name);
        else expect(name).toMatch(/市辖区/);
        seen += 1;
      }
    }
    expect(seen).toBeGreaterThan(8000);
  });
});

describe('the region in a number', () => {
  it('is named as an address begins, without the names that only group', () => {
    expect(regionOf('110101190001017777', data)).toEqual({
      kind: 'citizen',
      code: '110101',
      level: 'county',
      province: '北京市',
      prefecture: '',
      county: '东城区',
      name: '北京市东城区',
      withdrawn: false,
    });
    expect(nameOf('130102', '1980-01-01')).toBe('河北省石家庄市长安区');
    // 市辖区 of a prefecture: the city itself.
    expect(nameOf('130101', '1980-01-01')).toBe('河北省石家庄市');
    // Directly under the province.
    expect(nameOf('429004', '1990-01-01')).toBe('湖北省仙桃市');
    expect(nameOf('659001', '1990-01-01')).toBe('新疆维吾尔自治区石河子市');
    // A county of a municipality.
    expect(nameOf('500234', '2005-01-01')).toBe('重庆市开县');
  });

  it('has the name of the time of birth', () => {
    // 密云县 (110228) became 密云区 with a code of its own in 2015/16; 襄樊市 became 襄阳市 in 2010.
    expect(nameOf('420602', '2005-05-05')).toBe('湖北省襄樊市襄城区');
    expect(nameOf('420602', '2014-05-05')).toBe('湖北省襄阳市襄城区');
    // Older than the data: the oldest name known.
    expect(nameOf('420602', '1950-05-05')).toBe('湖北省襄樊市襄城区');
  });

  it('a withdrawn code has its last name', () => {
    expect(regionOf(numberOf('110103', '1970-01-01'), data)).toMatchObject({
      name: '北京市崇文区',
      withdrawn: true,
    });
    expect(regionOf(numberOf('110103', '2015-01-01'), data)).toMatchObject({
      name: '北京市崇文区',
      withdrawn: true,
    });
  });

  it('a code younger than the person has its first name', () => {
    expect(nameOf('110119', '1988-06-15')).toBe('北京市延庆区');
  });

  it('a code nobody knows falls back to the prefecture, then to the province', () => {
    // 钱塘区 is of 2021.
    expect(regionOf(numberOf('330114', '2022-01-01'), data)).toMatchObject({
      level: 'prefecture',
      name: '浙江省杭州市',
    });
    // 512xxx: prefectures of Sichuan before Chongqing was a municipality.
    expect(regionOf(numberOf('512201', '1970-01-01'), data)).toMatchObject({
      level: 'province',
      name: '四川省',
    });
    expect(regionOf(numberOf('990101', '1970-01-01'), data)).toMatchObject({ kind: 'foreign-2023' });
    expect(regionOf(numberOf('160101', '1970-01-01'), data)).toMatchObject({ level: 'none', name: '' });
  });

  it.each([
    ['810000', '香港特别行政区'],
    ['820000', '澳门特别行政区'],
    ['830000', '台湾省'],
  ])('permit %s is %s', (code, name) => {
    expect(regionOf(numberOf(code, '1990-01-01'), data)).toMatchObject({
      kind: 'permit',
      level: 'province',
      name,
    });
  });

  it('a foreign number of 2017 names the accepting place, one of 2023 the province and the country', () => {
    expect(regionOf('CAN110081080310', data)).toMatchObject({ kind: 'foreign-2017', name: '北京市' });
    expect(regionOf('931586198001010028', data)).toMatchObject({
      kind: 'foreign-2023',
      code: '31',
      level: 'province',
      name: '上海市',
      country: '586',
    });
  });

  it('a number of fifteen digits is taken, anything else has no region', () => {
    expect(regionOf('110101000101777', data)).toMatchObject({ kind: 'citizen-15', name: '北京市东城区' });
    expect(regionOf('', data)).toBeNull();
    expect(regionOf('12345', data)).toBeNull();
  });

  it('never throws, and what the region is says nothing about the number', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{6}$/), (region) => {
        const number = completeCitizenNumber(`${region}19000101777`);
        expect(regionOf(number, data)?.code).toBeDefined();
        const { problems } = checkCitizenNumber(number);
        expect(problems.filter((problem) => problem !== 'region')).toEqual([]);
      }),
    );
  });
});
