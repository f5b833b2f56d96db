import { foldable, record, type FoldEvent } from '../fold-event.ts';
import type { TicketClass, TicketConflict, TicketState } from './ticket.ts';

/**
 * A ticket from its events, in the order given: the server's order first, then what is still this device's
 * alone. Total and deterministic: it never throws, events it cannot read are counted in `ignored`, events
 * that contradict leave the first fact standing and set `conflict`; only the first conflict is kept.
 * Recalling a number takes it over: a station that calls what another holds without that is a conflict.
 * @returns null while no event says that the number was taken
 */
export function foldTicket(log: readonly FoldEvent[]): TicketState | null {
  const { events, malformed } = foldable(log);
  const agg = events.find((event) => event.type.startsWith('ticket.'))?.agg ?? '';
  const ticket = blank(agg);
  let ignored = malformed;
  for (const event of events) {
    if (event.agg !== agg || !apply(ticket, event)) ignored += 1;
  }
  if (ticket.no === '') return null;
  return ignored > 0 ? { ...ticket, ignored } : ticket;
}

function apply(ticket: TicketState, event: FoldEvent): boolean {
  const body = record(event.body);
  if (event.typeV !== 1 || body === null) return false;
  if (event.type === 'ticket.taken') return take(ticket, event, body);
  const station = body['station'];
  if (typeof station !== 'string') return false;
  switch (event.type) {
    case 'ticket.called':
      call(ticket, event, station);
      return true;
    case 'ticket.recalled':
      recall(ticket, event, station);
      return true;
    case 'ticket.finished':
      end(ticket, event, station, 'finished');
      return true;
    case 'ticket.noShow':
      end(ticket, event, station, 'no-show');
      return true;
    case 'ticket.voided':
      takeBack(ticket, event, station);
      return true;
    default:
      return false;
  }
}

function take(ticket: TicketState, event: FoldEvent, body: Record<string, unknown>): boolean {
  const { no, day } = body;
  const kind = body['class'];
  if (typeof no !== 'string' || no === '' || typeof day !== 'string' || !isTicketClass(kind)) return false;
  if (ticket.no !== '') {
    contradict(ticket, 'taken-twice', event.station);
    return true;
  }
  if (ticket.status !== 'waiting') contradict(ticket, 'out-of-order', event.station);
  Object.assign(ticket, { no, day, class: kind, takenAt: event.at });
  return true;
}

function call(ticket: TicketState, event: FoldEvent, station: string): void {
  if (ticket.no === '') contradict(ticket, 'out-of-order', station);
  if (isOver(ticket)) contradict(ticket, 'called-after-end', station);
  else if (ticket.status === 'called' && ticket.station !== station)
    contradict(ticket, 'called-twice', station);
  else if (ticket.status === 'called') ticket.recalls += 1;
  // Waiting, or missed before and come back late (过号重呼).
  else hold(ticket, event, station);
}

function recall(ticket: TicketState, event: FoldEvent, station: string): void {
  if (isOver(ticket)) {
    contradict(ticket, 'called-after-end', station);
    return;
  }
  if (ticket.status === 'waiting') contradict(ticket, 'out-of-order', station);
  if (ticket.status !== 'called' || ticket.station !== station) hold(ticket, event, station);
  ticket.recalls += 1;
}

function end(ticket: TicketState, event: FoldEvent, station: string, status: 'finished' | 'no-show'): void {
  if (ticket.status === 'waiting') contradict(ticket, 'out-of-order', station);
  else if (ticket.station !== station) contradict(ticket, 'ended-twice', station);
  else if (ticket.status !== 'called' && ticket.status !== status) contradict(ticket, 'ended-twice', station);
  // Repeated by the same station: said already.
  if (ticket.status === status || isOver(ticket)) return;
  if (ticket.station === '') ticket.station = station;
  ticket.status = status;
  ticket.finishedAt = event.at;
}

/** Whoever was called meanwhile stands at a window: then the paper no longer matters. */
function takeBack(ticket: TicketState, event: FoldEvent, station: string): void {
  if (ticket.no === '') contradict(ticket, 'out-of-order', station);
  if (ticket.status !== 'waiting') return;
  ticket.status = 'void';
  ticket.station = station;
  ticket.finishedAt = event.at;
}

function isOver(ticket: TicketState): boolean {
  return ticket.status === 'finished' || ticket.status === 'void';
}

function hold(ticket: TicketState, event: FoldEvent, station: string): void {
  ticket.status = 'called';
  ticket.station = station;
  ticket.calledAt = event.at;
  ticket.calledBy = event.user;
  ticket.finishedAt = '';
}

function contradict(ticket: TicketState, conflict: TicketConflict, station: string): void {
  if (ticket.conflict !== '') return;
  ticket.conflict = conflict;
  ticket.conflictWith = station;
}

function blank(agg: string): TicketState {
  const never = { takenAt: '', calledAt: '', calledBy: '', station: '', finishedAt: '' };
  return { agg, no: '', class: 'normal', day: '', status: 'waiting', recalls: 0, conflict: '', ...never };
}

function isTicketClass(value: unknown): value is TicketClass {
  return value === 'normal' || value === 'priority' || value === 'appointment';
}
