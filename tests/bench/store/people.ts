// A hall's stream of accepted cases of invented people, as devices would have made it.
import { completeCitizenNumber } from '../../../shared/domain/card/citizen-number.ts';
import { makeEvent } from '../../../shared/sync/event.ts';
import { nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../../shared/sync/hash.ts';

export const EPOCH = 'bench-epoch';
export const PAGE = 500;
export const DEVICES = 12;
const HALL = '330102';
const START = Date.parse('2024-01-02T09:00:00+08:00');
const SURNAMES = [
  ...Array.from(
    '王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈',
  ),
  '欧阳',
  '司马',
  '𠮷',
];
const GIVEN = [
  ...Array.from(
    '伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲建文辉力健世广志义兴良海山仁波宁贵福生龙元全国胜学祥才发武新利清飞彬富顺信子浩凯薇晓雨䶮',
  ),
];

/** Small, fast and the same every time (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface Person {
  name: string;
  idNumber: string;
}

/** The applicant of case `n`: frequent surnames are frequent, and one in fifty came before. */
export function person(n: number): Person {
  const random = randomFrom(n % 50 === 49 ? n - 40 : n);
  const of = <T>(list: readonly T[]): T => list[Math.floor(random() ** 2 * list.length)] as T;
  const day = new Date(
    Date.UTC(1950 + Math.floor(random() * 55), Math.floor(random() * 12), 1 + Math.floor(random() * 28)),
  );
  // 999999 is nobody's region: a number of this kind belongs to nobody.
  const serial = String(Math.floor(random() * 1000)).padStart(3, '0');
  const first17 = `999999${day.toISOString().slice(0, 10).replaceAll('-', '')}${serial}`;
  return {
    name: of(SURNAMES) + of(GIVEN) + (random() < 0.8 ? of(GIVEN) : ''),
    idNumber: completeCitizenNumber(first17),
  };
}

export const deviceOf = (d: number): string =>
  `${'0123456789ABCDEFGHJKMNPQRS'.slice(0, 24)}${String(d).padStart(2, '0')}`;

export function acceptedBody(n: number, at: number): Record<string, unknown> {
  const { name, idNumber } = person(n);
  const day = new Date(at + 8 * 3600_000).toISOString().slice(0, 10);
  const field = (value: string) => ({
    value,
    source: 'applicant',
    sourceDate: day,
    sourceRef: '',
    acceptedBy: 'clerk-1',
  });
  return {
    caseNo: `${HALL}-${day.replaceAll('-', '')}-${String.fromCharCode(65 + (n % DEVICES))}-${String(1 + Math.floor(n / DEVICES)).padStart(4, '0')}`,
    item: {
      code: 'flexible-employment-pension',
      version: '1',
      name: '灵活就业人员参加企业职工基本养老保险登记',
      department: '人力资源和社会保障局',
      sealOwner: '人力资源和社会保障局',
      kind: 'instant',
    },
    applicant: { name, idType: '111', idNumber, identifiedBy: 'card', document: null },
    answers: { resident: 'yes', employment: 'flexible' },
    form: {
      phone: field('13800000000'),
      address: field(`演示省演示市演示区测试路${n % 900}号`),
      bankName: field('测试银行测试支行'),
      bankAccount: field('6200000000000000000'),
    },
    materials: [
      { id: 'id-card', name: '居民身份证', state: 'seen-returned', originals: 1, copies: 0 },
      { id: 'form', name: '参保登记表', state: 'printed-signed', originals: 1, copies: 0 },
    ],
    feeFen: 0,
    promised: { date: day, certain: true, calendar: 'cn-bench' },
    ticket: '',
    hallName: '演示市政务服务大厅',
    stationName: '综合窗口 3',
    clerkName: '王丽',
    enquiryPhone: '12345',
  };
}

export interface BenchPage {
  epoch: string;
  events: { cursor: number; bytes: string; hash: string }[];
  head: number;
  streamHash: string;
  streamHashBefore: string;
}

/** Gives the stream page by page, in the server's order. @param cases how many */
export function* streamPages(cases: number): Generator<BenchPage> {
  const inc = (d: number): string => String(d).padStart(2, '0').repeat(16);
  const heads = Array.from({ length: DEVICES }, () => ({ seq: 0, hash: '' }));
  const random = randomFrom(7);
  let streamHash = STREAM_HASH_OF_NOTHING;
  let page: BenchPage = { epoch: EPOCH, events: [], head: cases, streamHash, streamHashBefore: streamHash };
  for (let n = 0; n < cases; n++) {
    const d = n % DEVICES;
    const head = heads[d] as { seq: number; hash: string };
    const at = START + Math.floor(((n / 300) * 86_400_000) / 4);
    const id = Array.from({ length: 4 }, () =>
      Math.floor(random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('');
    const kept = makeEvent(
      {
        type: 'case.accepted',
        typeV: 1,
        agg: `case/${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(13, 16)}-9${id.slice(17, 20)}-${id.slice(20)}`,
        seen: { last: '', cursor: n },
        user: 'clerk-1',
        body: acceptedBody(n, at) as never,
      },
      { hall: HALL, dev: deviceOf(d), inc: inc(d), station: String(d + 1) },
      {
        seq: head.seq + 1,
        prev: head.hash,
        cmd: `bench-${n}`,
        at: new Date(at + 8 * 3600_000).toISOString().replace('Z', '+08:00'),
      },
    );
    heads[d] = { seq: head.seq + 1, hash: kept.hash };
    streamHash = nextStreamHash(streamHash, kept.hash);
    page.events.push({ cursor: n + 1, bytes: kept.bytes, hash: kept.hash });
    if (page.events.length === PAGE || n === cases - 1) {
      page.streamHash = streamHash;
      yield page;
      page = { epoch: EPOCH, events: [], head: cases, streamHash, streamHashBefore: streamHash };
    }
  }
}
