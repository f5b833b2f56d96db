import type { DocumentType } from './document.ts';

/** The code tables of the card. An unknown code has no name (`null`): a guess would end up on a certificate. */

/** GB/T 2261.1. A Map, because the code comes from the card and may be any text. */
const SEX: ReadonlyMap<string, string> = new Map([
  ['0', '未知的性别'],
  ['1', '男'],
  ['2', '女'],
  ['9', '未说明的性别'],
]);

/** GB/T 3304, numeric codes 01–56 in order, names as the card prints them. */
const ETHNIC_GROUPS = (
  '汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 ' +
  '柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 ' +
  '塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺'
).split(' ');

/**
 * Codes outside the 56: 其他 and naturalised citizens. What readers' makers use for 穿青人 and 革家人
 * differs from maker to maker, so those codes stay without a name.
 */
const OTHER_ETHNICITY: Readonly<Record<string, string>> = { '97': '其他', '98': '外国血统中国籍人士' };

const DOCUMENT_NAMES: Readonly<Record<DocumentType, string>> = {
  resident: '居民身份证',
  hmt: '港澳台居民居住证',
  'foreign-2017': '外国人永久居留身份证',
  'foreign-2023': '外国人永久居留身份证',
  unknown: '未知证件',
};

/**
 * GA/T 2000.156-2016 (常用证件代码): 111 居民身份证, 553 外国人永久居留证, 990 其他. That edition is older than
 * the residence permit of 2018 and has no code for it; 154 居住证 means the mainland permit, so the permit of
 * Hong Kong, Macao and Taiwan residents is 其他 here until a hall says what its platform wants.
 */
const DOCUMENT_CODES: Readonly<Record<DocumentType, string>> = {
  resident: '111',
  hmt: '990',
  'foreign-2017': '553',
  'foreign-2023': '553',
  unknown: '990',
};

/** @returns 男, 女, the two unknowns of GB/T 2261.1, or null for any other code */
export function sexName(code: string): string | null {
  return SEX.get(code) ?? null;
}

/** @returns the name as printed on the card (汉, not 汉族), or null for a code outside GB/T 3304 */
export function ethnicityName(code: string): string | null {
  if (!/^\d\d$/.test(code)) return null;
  return ETHNIC_GROUPS[Number(code) - 1] ?? OTHER_ETHNICITY[code] ?? null;
}

/** @returns every code of GB/T 3304 with its name, for choosers */
export function ethnicities(): { code: string; name: string }[] {
  const groups = ETHNIC_GROUPS.map((name, i) => ({ code: String(i + 1).padStart(2, '0'), name }));
  return [...groups, ...Object.entries(OTHER_ETHNICITY).map(([code, name]) => ({ code, name }))];
}

/** @returns the legal Chinese name of the document */
export function documentTypeName(type: DocumentType): string {
  return DOCUMENT_NAMES[type];
}

/** @returns the three-digit 证件类型代码 of GA/T 2000.156 that platforms ask for */
export function documentTypeCode(type: DocumentType): string {
  return DOCUMENT_CODES[type];
}
