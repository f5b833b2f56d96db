import type { CaseAcceptedBody } from '../../../shared/domain/case/case.ts';

export const SLIP_KEY = 'case/01JD3K8Z:slip:1';

/** An invented person with a rare name, and a case with everything a slip can show. */
export const exampleSlip: CaseAcceptedBody = {
  caseNo: '330102-20261120-A-0007',
  item: {
    code: '331014001000',
    version: '3',
    name: '灵活就业人员参保登记',
    department: '人力资源和社会保障局',
    sealOwner: '人力资源和社会保障局',
    kind: 'committed',
  },
  applicant: {
    name: '𠮷䶮㼆',
    idType: '111',
    idNumber: '110101190001017777',
    identifiedBy: 'card',
    document: null,
  },
  answers: {},
  form: {},
  materials: [
    { id: 'id-card', name: '居民身份证', state: 'seen-returned', originals: 1, copies: 0 },
    { id: 'promise', name: '参保承诺书', state: 'printed-signed', originals: 1, copies: 0 },
    { id: 'work', name: '就业失业登记证', state: 'copy-kept', originals: 0, copies: 1 },
    { id: 'bank', name: '银行卡', state: 'waived', originals: 0, copies: 0 },
    { id: 'household', name: '户口簿', state: 'tolerated', originals: 0, copies: 1, due: '2026-12-11' },
    { id: 'photo', name: '近期免冠照片', state: 'to-bring', originals: 1, copies: 0 },
  ],
  feeFen: 1050,
  promised: { date: '2026-12-04', certain: true, calendar: 'cn-2026' },
  ticket: 'ticket/A017',
  hallName: '演示政务服务大厅',
  stationName: '综合窗口3',
  clerkName: '王丽',
  enquiryPhone: '0571-12333',
};
