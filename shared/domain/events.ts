import type { CaseAcceptedBody } from './case/case.ts';
import type { TicketClass } from './ticket/ticket.ts';

/** Bodies of every event type this version writes. A type's body never changes; a new shape gets a new `typeV`. */
export interface EventBodies {
  'case.accepted': CaseAcceptedBody;
  'case.finished': { result: 'approved' | 'refused'; text: string };
  /** The back office moves a case on (e.g. 审查, 决定); `text` says what was done, for the applicant's eyes too. */
  'case.stepped': { step: string; text: string };
  /** A person settles a conflict of this aggregate; `conflict` is its id. A later one counts instead of an earlier. */
  'conflict.decided': { conflict: string; choice: 'first' | 'second'; note: string };
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
  /** Somebody had a person's document number shown in full; `agg` is the keyed hash, `case` where it was looked at. */
  'person.numberShown': { where: 'counter' | 'office'; case?: string };
  /** Who works here from now on, and whether the secret was checked without the server. */
  'clerk.signedIn': { how: 'online' | 'offline' };
  /** Something an administrator has to know of this device: a refused call, a changed clock, a lost journal tail. */
  'device.notice': { name: string; detail: string };
}

export type EventType = keyof EventBodies;

/** The newest version of each type, at run time; a type that is missing here does not compile. */
export const VERSIONS: Readonly<Record<EventType, number>> = {
  'case.accepted': 1,
  'case.finished': 1,
  'case.stepped': 1,
  'conflict.decided': 1,
  'sheet.settled': 1,
  'ticket.taken': 1,
  'ticket.called': 1,
  'ticket.recalled': 1,
  'ticket.finished': 1,
  'ticket.noShow': 1,
  'ticket.voided': 1,
  'person.viewed': 1,
  'person.numberShown': 1,
  'clerk.signedIn': 1,
  'device.notice': 1,
};

export const isEventType = (type: string): type is EventType => Object.hasOwn(VERSIONS, type);

/** Whether this version understands an event; others are kept, numbered and flagged. */
export function isKnownEvent({ type, typeV }: { type: string; typeV: number }): boolean {
  return isEventType(type) && typeV >= 1 && typeV <= VERSIONS[type];
}
