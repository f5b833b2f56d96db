import type { CaseAcceptedBody, MaterialRecord, PromisedDate } from '../case/case.ts';
import { maskIdNumber, maskName } from '../masking/mask.ts';
import { beijingTime } from './beijing-time.ts';
import { jobCode } from './job-code.ts';
import { gap, pair, rule, text, type SlipBlock } from './slip-block.ts';

/**
 * The slip (小票) a citizen takes home: a paper that is left lying about. Name and number are masked, and the
 * code says only which case it is.
 * @param acceptedAt of the event, ISO 8601 with offset
 * @param sheet.key key of this sheet in the spool; its code ends the slip
 */
export function slipBlocks(body: CaseAcceptedBody, acceptedAt: string, sheet: { key: string }): SlipBlock[] {
  const ticketNo = ticketNumber(body.ticket);
  return [
    gap(8),
    text(body.hallName, 'normal', { align: 'center' }),
    text('受理小票', 'title', { align: 'center', weight: 'bold' }),
    gap(6),
    rule('heavy'),
    gap(2),
    text('办件编号', 'small', { align: 'center' }),
    text(body.caseNo, 'huge', { align: 'center', weight: 'bold', oneLine: true }),
    rule('thin'),
    pair('办理事项', body.item.name, { weight: 'bold' }),
    pair('受理部门', body.item.department),
    pair('申请人', maskName(body.applicant.name), { weight: 'bold' }),
    pair('证件号码', maskIdNumber(body.applicant.idNumber)),
    ...(ticketNo === '' ? [] : [pair('排队号', ticketNo)]),
    pair('受理时间', beijingTime(acceptedAt)),
    ...promiseBlocks(body.promised),
    pair('收费', fee(body.feeFen)),
    ...materialBlocks(body.materials),
    rule('thin'),
    {
      kind: 'qr',
      content: `zc:case:${body.caseNo}`,
      beside: ['扫码查进度', '办结后可评价', `咨询电话 ${body.enquiryPhone}`],
    },
    rule('thin'),
    pair(body.stationName, `经办 ${body.clerkName}`, { layout: 'ends', size: 'small' }),
    text('请妥善保管，查询或领取结果时出示', 'small'),
    gap(10),
    endLine(sheet.key),
  ];
}

/** The last line of every slip: without it the paper was cut off. */
export const endLine = (sheetKey: string): SlipBlock => rule('dashed', `完 · ${jobCode(sheetKey)}`);

/** @returns the number of `ticket/<no>`, with or without the day before it; '' when there is none */
export const ticketNumber = (ticket: string): string => /[A-Z]{1,4}\d{3,9}$/.exec(ticket)?.[0] ?? '';

function promiseBlocks({ date, certain }: PromisedDate): SlipBlock[] {
  const value = { size: 'large', weight: 'bold' } as const;
  if (certain) return [pair('承诺办结', date, value)];
  return [
    pair('承诺办结', `不早于 ${date}`, value),
    text('放假安排公布后另行告知准确日期', 'small', { align: 'right' }),
  ];
}

/** @param fen 1/100 yuan */
const fee = (fen: number): string => (fen === 0 ? '不收费' : `${(fen / 100).toFixed(2)} 元`);

function materialBlocks(materials: readonly MaterialRecord[]): SlipBlock[] {
  const isOpen = ({ state }: MaterialRecord): boolean => state === 'tolerated' || state === 'to-bring';
  const here = materials.filter((material) => !isOpen(material));
  const open = materials.filter(isOpen);
  const line = (material: MaterialRecord): SlipBlock => {
    const weight = isOpen(material) ? 'bold' : 'regular';
    return pair(material.name, whatBecame(material), { layout: 'ends', size: 'small', weight });
  };
  return [
    ...(here.length === 0
      ? []
      : [
          rule('dashed'),
          text(`已核收材料 ${here.length} 项`, 'normal', { weight: 'bold' }),
          ...here.map(line),
        ]),
    ...(open.length === 0
      ? []
      : [
          rule('dashed'),
          text(`还需补交 ${open.length} 项`, 'normal', { weight: 'bold', framed: true }),
          ...open.map(line),
        ]),
  ];
}

function whatBecame({ state, originals, copies, due }: MaterialRecord): string {
  switch (state) {
    case 'seen-returned':
      return '原件核验退还';
    case 'kept-original':
      return `收原件 ${originals} 份`;
    case 'copy-kept':
      return `收复印件 ${copies} 份`;
    case 'printed-signed':
      return '现场打印签字';
    case 'waived':
      return '免提交';
    // 容缺: accepted without it, to be handed in by the last day.
    case 'tolerated':
      return due === undefined ? '容缺 待补交' : `容缺 最迟 ${due}`;
    case 'to-bring':
      return due === undefined ? '待补交' : `最迟 ${due}`;
  }
}
