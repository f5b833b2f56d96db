import type { Sheet } from '../../../shared/contract/print.ts';
import type { TicketState } from '../../../shared/domain/ticket/ticket.ts';
import type { NewEvent } from '../db/hall-db.ts';

/** How a queue number's first sheet is called. */
export const ticketKey = (agg: string): string => `${agg}:ticket:1`;

/**
 * Whether a queue number's paper will never come out by itself: it waited too long for the printer, or its job was
 * lost before anything was sent. Such a number is in nobody's hand.
 */
export function neverPrinted(sheet: Sheet): boolean {
  return (
    sheet.kind === 'ticket' &&
    sheet.state === 'failed-before-send' &&
    (sheet.error === 'PRINT_EXPIRED' || sheet.error === 'PRINT_SPOOL_FAILED')
  );
}

/** Numbers this device gave out before `before` (milliseconds since 1970) that wait without a sheet: the window ended in between. */
export function withoutSheet(
  tickets: readonly TicketState[],
  own: { series: string; before: number },
  sheets: Readonly<Record<string, Sheet>>,
): TicketState[] {
  return tickets.filter(
    (ticket) =>
      ticket.status === 'waiting' &&
      isOfSeries(ticket.no, own.series) &&
      Date.parse(ticket.takenAt) < own.before &&
      sheets[ticketKey(ticket.agg)] === undefined,
  );
}

/** Series may begin with one another (A, AB): behind the series stand digits only. */
function isOfSeries(no: string, series: string): boolean {
  return no.startsWith(series) && /^\d+$/.test(no.slice(series.length));
}

/** The command that takes a number back (作废); the same number is taken back once, however often it is said. */
export function voiding(agg: string, station: string): { cmd: string; events: NewEvent[] } {
  return {
    cmd: `ticket.void.${agg.slice('ticket/'.length)}`,
    events: [{ type: 'ticket.voided', agg, body: { station, reason: 'no-paper' } }],
  };
}
