import { describe, expect, it } from 'vitest';
import { beijingTime } from '../../../shared/domain/slip/beijing-time.ts';
import { jobCode } from '../../../shared/domain/slip/job-code.ts';
import type { SlipBlock } from '../../../shared/domain/slip/slip-block.ts';
import { slipBlocks, ticketNumber } from '../../../shared/domain/slip/slip-blocks.ts';
import { ticketBlocks, type TicketSlip } from '../../../shared/domain/slip/ticket-blocks.ts';
import { exampleSlip, SLIP_KEY } from './example-slip.ts';

const AT = '2026-11-20T10:42:31+08:00';
const slip = (change = {}): SlipBlock[] => slipBlocks({ ...exampleSlip, ...change }, AT, { key: SLIP_KEY });

/** All that can be read on the paper, a line a block. */
const read = (blocks: SlipBlock[]): string[] =>
  blocks.map((block) => {
    if (block.kind === 'text') return block.text;
    if (block.kind === 'pair') return `${block.label}|${block.value}`;
    if (block.kind === 'qr') return [block.content, ...block.beside].join('|');
    return block.kind === 'rule' ? (block.label ?? '') : '';
  });

describe('the slip of an accepted case', () => {
  it('has every field that a slip must have', () => {
    expect(read(slip()).filter(Boolean)).toEqual([
      '演示政务服务大厅',
      '受理小票',
      '办件编号',
      '330102-20261120-A-0007',
      '办理事项|灵活就业人员参保登记',
      '受理部门|人力资源和社会保障局',
      '申请人|𠮷**',
      '证件号码|1101****7777',
      '排队号|A017',
      '受理时间|2026-11-20 10:42',
      '承诺办结|2026-12-04',
      '收费|10.50 元',
      '已核收材料 4 项',
      '居民身份证|原件核验退还',
      '参保承诺书|现场打印签字',
      '就业失业登记证|收复印件 1 份',
      '银行卡|免提交',
      '还需补交 2 项',
      '户口簿|容缺 最迟 2026-12-11',
      '近期免冠照片|待补交',
      'zc:case:330102-20261120-A-0007|扫码查进度|办结后可评价|咨询电话 0571-12333',
      '综合窗口3|经办 王丽',
      '请妥善保管，查询或领取结果时出示',
      `完 · ${jobCode(SLIP_KEY)}`,
    ]);
  });

  it('shows neither the name nor the number, nowhere, the code included', () => {
    const everything = JSON.stringify(slip());
    for (const secret of [exampleSlip.applicant.name, exampleSlip.applicant.idNumber, '䶮', '19000101']) {
      expect(everything).not.toContain(secret);
    }
  });

  it('says "not before" when the date lies behind the end of the holiday table', () => {
    const lines = read(slip({ promised: { date: '2027-01-25', certain: false, calendar: 'cn-2026' } }));
    expect(lines).toContain('承诺办结|不早于 2027-01-25');
    expect(lines).toContain('放假安排公布后另行告知准确日期');
  });

  it('leaves out what there is not: a ticket, a fee, materials', () => {
    const lines = read(slip({ ticket: '', feeFen: 0, materials: [] })).join('\n');
    expect(lines).toContain('收费|不收费');
    expect(lines).not.toMatch(/排队号|材料|补交|undefined|null/);
  });

  it('ends with the code of its sheet, which another copy does not have', () => {
    const last = slip().at(-1);
    expect(last).toEqual({ kind: 'rule', style: 'dashed', label: `完 · ${jobCode(SLIP_KEY)}` });
    const codes = Array.from({ length: 2000 }, (_, n) => jobCode(`case/${n}:slip:${1 + (n % 3)}`));
    expect(new Set(codes).size).toBe(2000);
    expect(codes.every((code) => /^[0-9A-HJKMNP-TV-Z]{6}$/.test(code))).toBe(true);
  });

  it('finds the number in a ticket, with or without the day', () => {
    expect(
      ['ticket/A017', 'ticket/2026-11-20.AB1234', 'ticket/2026-11-20-B003', ''].map(ticketNumber),
    ).toEqual(['A017', 'AB1234', 'B003', '']);
  });
});

describe('the paper of a queue number', () => {
  const ticket: TicketSlip = {
    ...{ no: 'A017', class: 'priority', hallName: '演示政务服务大厅', takenAt: AT, waitingBefore: 4 },
  };

  it('shows the number, its class, the people before and the time', () => {
    const lines = read(ticketBlocks(ticket, { key: 'ticket/A017:ticket:1' }));
    expect(lines).toEqual(
      expect.arrayContaining(['优先号', 'A017', '前面等候|4 人', '取号时间|2026-11-20 10:42']),
    );
    expect(lines.at(-1)).toBe(`完 · ${jobCode('ticket/A017:ticket:1')}`);
  });

  it('does not invent how many wait when it cannot know', () => {
    const lines = read(ticketBlocks({ ...ticket, waitingBefore: null }, { key: 'ticket/A017:ticket:1' }));
    expect(lines.join('\n')).not.toContain('等候');
    expect(read(ticketBlocks({ ...ticket, waitingBefore: 0 }, { key: 'k' }))).toContain('前面等候|0 人');
  });
});

describe('the time on paper', () => {
  it('is Beijing time whatever offset it was written with', () => {
    expect(beijingTime('2026-11-20T20:00:00.250Z')).toBe('2026-11-21 04:00');
    expect(beijingTime(AT)).toBe('2026-11-20 10:42');
    expect(beijingTime('')).toBe('');
  });
});
