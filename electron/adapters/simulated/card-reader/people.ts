import { completeCitizenNumber } from '../../../../shared/domain/card/citizen-number.ts';
import { foreignCheckDigit } from '../../../../shared/domain/card/check-digits.ts';
import type { DemoCard } from './demo-card.ts';
import { demoCard } from './demo-card.ts';

/**
 * The invented people of the demonstration. Nobody real is among them: names say so, and the numbers cannot
 * have been given out, because each was born either on 1 January 1900 with a made-up sequence or before the
 * region of the number existed (region codes of 2015 and later; numbers are given with the code of the day).
 * Check characters are right. Together they show what a counter meets: rare characters, long names, expired
 * and lifelong cards, old people and children, moved addresses, and all four documents.
 */
export function demoPeople(): DemoCard[] {
  return [
    demoCard('jia', '测试甲 · 男 · 长期有效', {
      type: 'resident',
      name: '测试甲',
      sex: '1',
      ethnicity: '01',
      birth: '1900-01-01',
      address: '北京市东城区测试路1号',
      number: '110101190001017777',
      issuer: '测试签发机关',
      validFrom: '2020-01-01',
      longTerm: true,
    }),
    // 延庆区 has been 110119 since 2015.
    demoCard(
      'yi',
      '测试乙 · 女 · 已迁新址',
      {
        type: 'resident',
        name: '测试乙',
        sex: '2',
        ethnicity: '01',
        birth: '1988-06-15',
        address: '北京市延庆区演示街2号',
        number: completeCitizenNumber('11011919880615002'),
        issuer: '演示签发机关',
        validFrom: '2019-03-20',
        validTo: '2039-03-20',
      },
      { addresses: ['浙江省杭州市临平区演示大道88号3幢2单元601室'], fingers: 2 },
    ),
    // 坪山区 has been 440310 since 2016.
    demoCard(
      'rare',
      '演示𠮷䶮㼆 · 生僻字',
      {
        type: 'resident',
        name: '演示𠮷䶮㼆',
        sex: '1',
        ethnicity: '11',
        birth: '1979-11-03',
        address: '广东省深圳市坪山区演示路3号',
        number: completeCitizenNumber('44031019791103003'),
        issuer: '演示签发机关',
        validFrom: '2018-05-08',
        validTo: '2038-05-08',
      },
      { fingers: 2 },
    ),
    // 库车市 has been 652902 since 2019.
    demoCard('minority', '演示古丽·测试阿卜杜热合曼 · 少数民族长姓名', {
      type: 'resident',
      name: '演示古丽·测试阿卜杜热合曼',
      sex: '2',
      ethnicity: '05',
      birth: '1992-03-21',
      address: '新疆维吾尔自治区库车市演示乡测试村4组 4号',
      number: completeCitizenNumber('65290219920321004'),
      issuer: '演示签发机关',
      validFrom: '2021-09-01',
      validTo: '2041-09-01',
    }),
    // 武隆区 has been 500156 since 2016.
    demoCard('expired', '测试丁 · 证件已过期', {
      type: 'resident',
      name: '测试丁',
      sex: '1',
      ethnicity: '15',
      birth: '1986-12-30',
      address: '重庆市武隆区演示路5号',
      number: completeCitizenNumber('50015619861230005'),
      issuer: '演示签发机关',
      validFrom: '2004-05-01',
      validTo: '2024-05-01',
    }),
    // 崇明区 has been 310151 since 2016.
    demoCard('old', '演示老人 · 1938 年生 · 长期有效', {
      type: 'resident',
      name: '演示老人',
      sex: '2',
      ethnicity: '01',
      birth: '1938-02-14',
      address: '上海市崇明区演示镇测试村6队6号',
      number: completeCitizenNumber('31015119380214006'),
      issuer: '演示签发机关',
      validFrom: '2012-07-10',
      longTerm: true,
    }),
    // 钱塘区 has been 330114 since 2021.
    demoCard('child', '演示小朋友 · 2014 年生', {
      type: 'resident',
      name: '演示小朋友',
      sex: '1',
      ethnicity: '22',
      birth: '2014-03-08',
      address: '浙江省杭州市钱塘区演示路7号',
      number: completeCitizenNumber('33011420140308007'),
      issuer: '演示签发机关',
      validFrom: '2024-09-01',
      validTo: '2029-09-01',
    }),
    demoCard('x', '测试戊 · 号码末位 X', {
      type: 'resident',
      name: '测试戊',
      sex: '1',
      ethnicity: '03',
      birth: '1900-01-01',
      address: '北京市东城区测试路8号',
      number: '11010119000101009X',
      issuer: '测试签发机关',
      validFrom: '2016-02-29',
      validTo: '2036-02-28',
    }),
    // 达孜区 has been 540104 since 2017.
    demoCard('private-use', '演示自造字 · 字库外姓名', {
      type: 'resident',
      name: '演示\ue863',
      sex: '1',
      ethnicity: '04',
      birth: '1995-08-08',
      address: '西藏自治区拉萨市达孜区演示路9号',
      number: completeCitizenNumber('54010419950808009'),
      issuer: '演示签发机关',
      validFrom: '2020-10-01',
      validTo: '2040-10-01',
    }),
    demoCard('macao', '测试己 · 港澳台居民居住证(澳门)', {
      type: 'hmt',
      name: '测试己',
      sex: '1',
      birth: '1900-01-01',
      address: '广东省珠海市香洲区测试路10号',
      number: '820000190001017772',
      issuer: '测试签发机关',
      validFrom: '2023-01-01',
      validTo: '2028-01-01',
      passNumber: 'M00000001',
      issueCount: '01',
    }),
    demoCard('taiwan', '测试庚 · 港澳台居民居住证(台湾)', {
      type: 'hmt',
      name: '测试庚',
      sex: '1',
      birth: '1900-01-01',
      address: '福建省厦门市思明区测试路11号',
      number: '830000190001017774',
      issuer: '测试签发机关',
      validFrom: '2024-06-01',
      validTo: '2029-06-01',
      passNumber: '00000001',
      issueCount: '02',
    }),
    demoCard('foreign-2017', 'TEST, SAMPLE · 外国人永久居留身份证(2017)', {
      type: 'foreign-2017',
      latinName: 'TEST, SAMPLE',
      sex: '1',
      number: 'PAK11000001011' + (foreignCheckDigit('PAK11000001011') ?? ''),
      nationality: 'PAK',
      name: '测试丙',
      validFrom: '2018-01-01',
      validTo: '2028-01-01',
      birth: '1900-01-01',
      cardVersion: '01',
      authorityCode: '1500',
    }),
    // 9, Shanghai (31), Pakistan (586); the new numbers exist since 2023, their sequence here is made up.
    demoCard('foreign-2023', 'YANSHI, CESHI … · 外国人永久居留身份证(2023)', {
      type: 'foreign-2023',
      name: '',
      latinName: 'YANSHI, CESHI ALEXANDRA MAXIMILIANA THEODORA',
      sex: '2',
      birth: '1900-01-01',
      number: completeCitizenNumber('93158619000101888'),
      nationality: 'PAK',
      validFrom: '2024-01-10',
      validTo: '2034-01-09',
      issueCount: '00',
      previousLink: '000',
    }),
  ];
}
