export type TicketClass = 'normal' | 'priority' | 'appointment';

export type TicketStatus = 'waiting' | 'called' | 'finished' | 'no-show';

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
  /** Two stations called the same number while the line was down. */
  conflict: string;
}
