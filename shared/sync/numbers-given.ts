import { parseCaseNo, parseTicketNo } from '../domain/case/numbers.ts';
import type { HallEvent } from './event.ts';

/**
 * The number an own event has used up, so that a lost store never gives one twice.
 * @returns the counter's key, `ticket:<day>` or `case:<day>`, and the serial; null when it gives no number
 */
export function numberGiven({ type, body }: HallEvent): { key: string; n: number } | null {
  const { day, no, caseNo } = body;
  if (type === 'ticket.taken' && typeof day === 'string' && typeof no === 'string') {
    const parts = parseTicketNo(no);
    return parts && { key: `ticket:${day}`, n: parts.n };
  }
  if (type === 'case.accepted' && typeof caseNo === 'string') {
    // By the day in the number: the event's own time may lie in another day, where this PC's zone is not the hall's.
    const parts = parseCaseNo(caseNo);
    return parts && { key: `case:${parts.day}`, n: parts.n };
  }
  return null;
}
