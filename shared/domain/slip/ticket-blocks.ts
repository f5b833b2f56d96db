import type { TicketClass } from '../ticket/ticket.ts';
import { beijingTime } from './beijing-time.ts';
import { gap, pair, rule, text, type SlipBlock } from './slip-block.ts';
import { endLine } from './slip-blocks.ts';

export interface TicketSlip {
  /** As called: series and at least three digits, e.g. A017. */
  no: string;
  class: TicketClass;
  hallName: string;
  /** People who will be called before; null when it is not known (no line to the other windows). */
  waitingBefore: number | null;
  /** ISO 8601 with offset. */
  takenAt: string;
}

const CLASS_NAMES: Record<TicketClass, string> = {
  normal: '普通号',
  priority: '优先号',
  appointment: '预约号',
};

/** The paper of a queue number (取号票): readable at arm's length, and nothing personal on it. */
export function ticketBlocks(ticket: TicketSlip, sheet: { key: string }): SlipBlock[] {
  const waiting = ticket.waitingBefore;
  return [
    gap(8),
    text(ticket.hallName, 'normal', { align: 'center' }),
    gap(4),
    rule('heavy'),
    gap(8),
    text(CLASS_NAMES[ticket.class], 'large', { align: 'center', weight: 'bold' }),
    text(ticket.no, 'giant', { align: 'center', weight: 'bold', oneLine: true }),
    gap(8),
    rule('thin'),
    ...(waiting === null ? [] : [pair('前面等候', `${waiting} 人`, { size: 'large', weight: 'bold' })]),
    pair('取号时间', beijingTime(ticket.takenAt)),
    rule('thin'),
    text('请留意叫号屏和广播', 'small', { align: 'center' }),
    text('仅限当日有效，过号请到导办台', 'small', { align: 'center' }),
    gap(10),
    endLine(sheet.key),
  ];
}
