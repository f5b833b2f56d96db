import type { CaseAcceptedBody } from './case/case.ts';
import type { TicketClass } from './ticket/ticket.ts';

/** Bodies of every event type this version writes. A type's body never changes; a new shape gets a new `typeV`. */
export interface EventBodies {
  'case.accepted': CaseAcceptedBody;
  'case.finished': { result: 'approved' | 'refused'; text: string };
  'sheet.settled': {
    key: string;
    state: 'printed' | 'handed-over' | 'uncertain' | 'resolved';
    payloadHash: string;
  };
  'ticket.taken': { no: string; class: TicketClass; day: string };
  'ticket.called': { station: string };
  'ticket.recalled': { station: string };
  'ticket.finished': { station: string; caseNos: string[] };
  'ticket.noShow': { station: string };
  /** The number is in nobody's hand: its paper never came out (作废). */
  'ticket.voided': { station: string; reason: 'no-paper' };
  /** Somebody looked at a person's earlier cases; `agg` is the keyed hash, never the number. */
  'person.viewed': { reason: string; found: number };
  /** Somebody had a person's document number shown in full; `agg` is the keyed hash. */
  'person.numberShown': { where: 'counter' };
}

export type EventType = keyof EventBodies;
