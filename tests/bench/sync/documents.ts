import { completeCitizenNumber } from '../../../shared/domain/card/citizen-number.ts';
import type { CaseAcceptedBody } from '../../../shared/domain/case/case.ts';
import { formatCaseNo } from '../../../shared/domain/case/numbers.ts';

const FAMILY = '赵钱孙李周吴郑王冯陈';
const GIVEN = '一二三四五六七八九十';
const DAY = '2026-11-20';

/** An accepted case of an invented person, as large as a real one: what all three programs carry. */
export function caseDocument(n: number): CaseAcceptedBody {
  const name = `测${FAMILY[n % 10] ?? ''}${GIVEN[Math.floor(n / 10) % 10] ?? ''}`;
  const birth = 19_500_101 + (n % 50) * 10_000;
  const number = completeCitizenNumber(`330102${birth}${String(n % 1000).padStart(3, '0')}`);
  const field = (value: string, source: 'card' | 'answer' | 'clerk') => ({
    value,
    source,
    sourceDate: DAY,
    sourceRef: `read-${n}`,
    acceptedBy: 'clerk-1',
  });
  return {
    caseNo: formatCaseNo('330102', DAY, 'A', n + 1),
    item: {
      code: '330112007000',
      version: '2026-01',
      name: '灵活就业人员参保登记',
      department: '人力资源和社会保障局',
      sealOwner: '人力资源和社会保障局',
      kind: 'instant',
    },
    applicant: { name, idType: '111', idNumber: number, identifiedBy: 'typed', document: null },
    answers: { insured: 'no', local: 'yes' },
    form: {
      name: field(name, 'card'),
      idNumber: field(number, 'card'),
      address: field(`演示省演示市测试路 ${n} 号`, 'card'),
      phone: field('13800000000', 'clerk'),
      bankName: field('测试银行测试支行', 'clerk'),
      bankAccount: field(`62000000000${String(n).padStart(8, '0')}`, 'clerk'),
      local: field('yes', 'answer'),
    },
    materials: [
      { id: 'id-card', name: '身份证', state: 'seen-returned', originals: 1, copies: 0 },
      { id: 'promise', name: '承诺书', state: 'printed-signed', originals: 1, copies: 0 },
    ],
    feeFen: 0,
    promised: { date: DAY, certain: true, calendar: '2026' },
    ticket: '',
    hallName: '演示政务服务大厅',
    stationName: '综合窗口3',
    clerkName: '王丽',
    enquiryPhone: '0571-00000000',
  };
}
