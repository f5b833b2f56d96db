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

/** The same list at run time; a type that is missing here does not compile. All are in version 1. */
const KNOWN: Readonly<Record<EventType, true>> = {
  'case.accepted': true,
  'case.finished': true,
  'sheet.settled': true,
  'ticket.taken': true,
  'ticket.called': true,
  'ticket.recalled': true,
  'ticket.finished': true,
  'ticket.noShow': true,
  'ticket.voided': true,
  'person.viewed': true,
  'person.numberShown': true,
};

/** Whether this version understands an event; others are kept, numbered and flagged. */
export function isKnownEvent({ type, typeV }: { type: string; typeV: number }): boolean {
  return Object.hasOwn(KNOWN, type) && typeV === 1;
}
