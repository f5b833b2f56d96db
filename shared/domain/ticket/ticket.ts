export type TicketClass = 'normal' | 'priority' | 'appointment';

export type TicketStatus = 'waiting' | 'called' | 'finished' | 'no-show' | 'void';

/** A queue number (排队号) as folded from its events. */
export interface TicketState {
  agg: string;
  /** As printed: series and three digits, e.g. A017. */
  no: string;
  class: TicketClass;
  /** Day of issue, `YYYY-MM-DD`; a number is unique within hall and day. */
  day: string;
  status: TicketStatus;
  takenAt: string;
  calledAt: string;
  calledBy: string;
  station: string;
  recalls: number;
  finishedAt: string;
  /** Set when two stations recorded things that cannot both be true: a {@link TicketConflict}, '' when all is well. */
  conflict: '' | TicketConflict;
  /** Station of the event that contradicts, beside `conflict`. */
  conflictWith?: string;
  /** Events of this ticket that this version could not read; absent when there are none. */
  ignored?: number;
}

export type TicketConflict =
  /** One number was given to two people. The first stands. */
  | 'taken-twice'
  /** Two stations called the same number while the line was down. The first holds it. */
  | 'called-twice'
  /** Called or recalled although it had been served, or taken back. */
  | 'called-after-end'
  /** Ended by a station that did not hold it, or ended in two ways. */
  | 'ended-twice'
  /** Called before it was taken, recalled or ended before it was called. */
  | 'out-of-order'
  /** Another ticket of the day has the same number. The first keeps it. */
  | 'number-twice';
