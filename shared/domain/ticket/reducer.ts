import { foldable, record, type FoldEvent } from '../fold-event.ts';
import { foldLog, type Clash, type Folded, type Rules, type Verdict } from '../fold-log.ts';
import type { TicketClass, TicketConflict, TicketState } from './ticket.ts';

/** A ticket with the events that made it what it is: what a later one collides with. */
interface Folding {
  ticket: TicketState;
  taken: string;
  held: string;
  ended: string;
}

const clash = (conflict: TicketConflict, theirs: string): Clash => ({ conflict, theirs });

/**
 * A queue number's rules: taken once, held by the window that called it until that window ends it. Recalling takes
 * over; a window that calls what another holds without that is a conflict.
 */
export const TICKET_RULES: Rules<Folding> = {
  blank: (agg) => ({ ticket: blank(agg), taken: '', held: '', ended: '' }),
  exists: ({ ticket }) => ticket.no !== '',

  judge(folding, event) {
    const { ticket } = folding;
    const body = record(event.body);
    if (event.agg !== ticket.agg || body === null) return 'unreadable';
    if (event.type === 'ticket.taken') {
      if (!isTakenBody(body)) return 'unreadable';
      return ticket.no === '' ? 'applies' : clash('taken-twice', folding.taken);
    }
    if (!Object.hasOwn(JUDGES, event.type) || typeof body['station'] !== 'string') return 'unreadable';
    if (ticket.no === '') return clash('out-of-order', '');
    return (JUDGES[event.type] as Judge)(folding, body['station']);
  },

  evolve(folding, event) {
    const { hash, type, at } = event;
    const body = event.body as Record<string, string>;
    const station = body['station'] ?? '';
    const { ticket } = folding;
    const ended = (status: TicketState['status']): Folding => ({
      ...folding,
      ended: hash,
      ticket: { ...ticket, status, station, finishedAt: at },
    });
    switch (type) {
      case 'ticket.taken': {
        const { no = '', day = '' } = body;
        return {
          ...folding,
          taken: hash,
          ticket: { ...ticket, no, day, class: body['class'] as TicketClass, takenAt: at },
        };
      }
      case 'ticket.called':
        if (ticket.status === 'called' && ticket.station === station)
          return { ...folding, ticket: { ...ticket, recalls: ticket.recalls + 1 } };
        return hold(folding, event, station, ticket.recalls);
      case 'ticket.recalled':
        if (ticket.status === 'called' && ticket.station === station)
          return { ...folding, ticket: { ...ticket, recalls: ticket.recalls + 1 } };
        return hold(folding, event, station, ticket.recalls + 1);
      case 'ticket.finished':
        return ended('finished');
      case 'ticket.noShow':
        return ended('no-show');
      default:
        return ended('void');
    }
  },
};

type Judge = (folding: Folding, station: string) => Verdict;

const JUDGES: Readonly<Record<string, Judge>> = {
  'ticket.called': ({ ticket, held, ended }, station) => {
    if (isOver(ticket)) return clash('called-after-end', ended);
    // Waiting, or missed before and come back late (过号重呼), or called once more by the same window.
    const free = ticket.status !== 'called' || ticket.station === station;
    return free ? 'applies' : clash('called-twice', held);
  },
  'ticket.recalled': ({ ticket, ended }) => {
    if (isOver(ticket)) return clash('called-after-end', ended);
    return ticket.status === 'waiting' ? clash('out-of-order', '') : 'applies';
  },
  'ticket.finished': (folding, station) => judgeEnd(folding, station, 'finished'),
  'ticket.noShow': (folding, station) => judgeEnd(folding, station, 'no-show'),
  // Whoever was called meanwhile stands at a window: then the paper no longer matters.
  'ticket.voided': ({ ticket }) => (ticket.status === 'waiting' ? 'applies' : 'repeats'),
};

function judgeEnd({ ticket, held, ended }: Folding, station: string, status: TicketState['status']): Verdict {
  if (ticket.status === 'waiting') return clash('out-of-order', '');
  if (ticket.status === 'called') return ticket.station === station ? 'applies' : clash('ended-twice', held);
  return ticket.status === status && ticket.station === station ? 'repeats' : clash('ended-twice', ended);
}

function hold(folding: Folding, event: FoldEvent, station: string, recalls: number): Folding {
  const { at, user, hash } = event;
  const now = { status: 'called', station, calledAt: at, calledBy: user, finishedAt: '', recalls } as const;
  return { ...folding, held: hash, ended: '', ticket: { ...folding.ticket, ...now } };
}

/**
 * A ticket from its events, in the order given. Total and deterministic: it never throws, and events it cannot read
 * are counted in `ignored`.
 * @returns null while no event says that the number was taken
 */
export function foldTicket(log: readonly FoldEvent[]): TicketState | null {
  const { events, malformed } = foldable(log);
  const agg = events.find((event) => event.type.startsWith('ticket.'))?.agg ?? '';
  const folded = foldLog(TICKET_RULES, agg, events);
  return ticketOf(folded, events, folded.unread.length + malformed);
}

/** @param unread how many events of the log nobody could read */
export function ticketOf(
  { state, conflicts }: Folded<Folding>,
  log: readonly FoldEvent[],
  unread: number,
): TicketState | null {
  if (state.ticket.no === '') return null;
  const open = conflicts.find((conflict) => conflict.state === 'open');
  const mine = log.find(({ hash }) => hash === open?.mine);
  const station = record(mine?.body)?.['station'];
  return {
    ...state.ticket,
    conflict: (open?.kind ?? '') as TicketState['conflict'],
    ...(mine ? { conflictWith: typeof station === 'string' ? station : mine.station } : {}),
    ...(unread > 0 ? { ignored: unread } : {}),
  };
}

function isOver(ticket: TicketState): boolean {
  return ticket.status === 'finished' || ticket.status === 'void';
}

function blank(agg: string): TicketState {
  const never = { takenAt: '', calledAt: '', calledBy: '', station: '', finishedAt: '' };
  return { agg, no: '', class: 'normal', day: '', status: 'waiting', recalls: 0, conflict: '', ...never };
}

function isTakenBody(body: Record<string, unknown>): boolean {
  const { no, day } = body;
  return typeof no === 'string' && no !== '' && typeof day === 'string' && isTicketClass(body['class']);
}

function isTicketClass(value: unknown): value is TicketClass {
  return value === 'normal' || value === 'priority' || value === 'appointment';
}
