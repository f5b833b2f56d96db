import fc from 'fast-check';
import { decide } from '../../../shared/sync/decide.ts';
import type { HallEvent } from '../../../shared/sync/event.ts';
import type { HeldEvent } from '../../../shared/sync/held-event.ts';
import type { AggregatePicture } from '../../../shared/sync/picture.ts';
import { acceptedBody } from '../../fixtures/cases.ts';
import { author, openWindow, REAL, type Planner, type Window } from './window.ts';

const DAY = '2026-11-21';
const TICKETS = ['ticket/t1', 'ticket/t2'];
const CASES = ['case/c1', 'case/c2'];

/** One thing that happens in a hall. */
export interface Step {
  window: number;
  what: 'act' | 'send' | 'hear';
  type: number;
  agg: number;
  /** A clerk who does what the screen would not offer. */
  wild: boolean;
  choice: 'first' | 'second';
  /** How many events are sent or heard. */
  many: number;
}

const one = (window: number, what: Step['what'], type = 0, agg = 0): Step => ({
  ...{ window, what, type, agg, wild: false, choice: 'first', many: 9 },
});

/** A morning: two numbers are out and two cases taken in, and every window knows. */
const MORNING: Step[] = [
  ...[0, 1].flatMap((agg) => [one(0, 'act', 0, agg), one(0, 'act', 6, agg)]),
  ...[one(0, 'send'), one(0, 'hear'), one(1, 'hear'), one(2, 'hear')],
];

/** @param wild whether clerks may do what the screen would not offer */
export function steps(wild: boolean): fc.Arbitrary<Step[]> {
  const step = fc.record({
    window: fc.nat(2),
    what: fc.constantFrom<Step['what'][]>('act', 'act', 'act', 'act', 'send', 'hear'),
    type: fc.nat(11),
    agg: fc.nat(1),
    wild: wild ? fc.boolean() : fc.constant(false),
    choice: fc.constantFrom<Step['choice'][]>('first', 'second'),
    many: fc.integer({ min: 1, max: 6 }),
  });
  const any = fc.array(step, { maxLength: 40, size: 'medium' });
  return fc.oneof(
    any,
    any.map((rest) => [...MORNING, ...rest]),
  );
}

export interface Hall {
  windows: Window[];
  /** The server's order. */
  stream: HeldEvent[];
  send(window: Window, many: number): void;
  hear(window: Window, many: number): void;
}

/** A hall of three windows that saw, did and sent what the steps say; nobody has been brought level yet. */
export function play(script: readonly Step[], planner: Planner = REAL): Hall {
  const windows = ['A', 'B', 'C'].map((letter) => openWindow(letter.repeat(26), planner));
  const stream: HeldEvent[] = [];
  const hall: Hall = {
    windows,
    stream,
    send(window, many) {
      const next = stream.filter(({ event }) => event.dev === window.dev).length;
      const own = [...window.held.values()].filter(({ event }) => event.dev === window.dev);
      own.sort((a, b) => a.event.seq - b.event.seq);
      for (const { event, bytes, hash } of own.slice(next, next + many))
        stream.push({ event, bytes, hash, cursor: stream.length + 1 });
    },
    hear(window, many) {
      const page = stream.slice(window.cursor, window.cursor + many);
      window.arrive(page.map((held) => ({ kept: held, cursor: held.cursor as number })));
      window.cursor += page.length;
    },
  };
  script.forEach((step, minute) => {
    const window = windows[step.window] as Window;
    if (step.what === 'send') hall.send(window, step.many);
    else if (step.what === 'hear') hall.hear(window, step.many);
    else act(window, step, minute);
  });
  return hall;
}

/** Everything is sent and everybody has heard everything. */
export function level(hall: Hall): void {
  for (const window of hall.windows) hall.send(window, Infinity);
  for (const window of hall.windows) hall.hear(window, Infinity);
}

/** What a window that holds nothing of its own makes of an order. */
export function freshFold(stream: readonly HeldEvent[], planner: Planner = REAL): AggregatePicture[] {
  const server = openWindow('0'.repeat(26), planner);
  server.arrive(stream.map((held) => ({ kept: held, cursor: held.cursor as number })));
  return [...server.pictures.values()];
}

function act(window: Window, step: Step, minute: number): void {
  const station = `W${step.window + 1}`;
  const fact = factOf(window, step, station);
  if (!fact) return;
  const view = window.logOf(fact.agg);
  const begins = fact.type === 'case.accepted' || fact.type === 'ticket.taken';
  const known = begins ? view.length === 0 : window.pictures.get(fact.agg)?.made !== undefined;
  const fits = known && decide(view, { ...fact, station, dev: window.dev }).ok;
  if (!fits && !step.wild) return;
  // Clocks are wrong by years: nothing may depend on them.
  const at = `20${10 + ((minute * 7) % 80)}-11-21T09:00:00.000+08:00`;
  window.arrive([{ kept: author(window, station, fact, at) }]);
}

function factOf(
  window: Window,
  { type, agg, choice }: Step,
  station: string,
): { type: string; agg: string; body: HallEvent['body'] } | null {
  const ticket = TICKETS[agg] as string;
  const matter = CASES[agg] as string;
  const open = [...window.pictures.values()].flatMap(({ conflicts }) => conflicts);
  const conflict = open[agg % Math.max(1, open.length)];
  // Both aggregates of a kind may get one number: a range used twice.
  const number = window.dev < 'C'.repeat(26) ? agg + 1 : 1;
  const facts = [
    { type: 'ticket.taken', agg: ticket, body: { no: `A00${number}`, class: 'normal', day: DAY } },
    { type: 'ticket.called', agg: ticket, body: { station } },
    { type: 'ticket.recalled', agg: ticket, body: { station } },
    { type: 'ticket.finished', agg: ticket, body: { station, caseNos: [] } },
    { type: 'ticket.noShow', agg: ticket, body: { station } },
    { type: 'ticket.voided', agg: ticket, body: { station, reason: 'no-paper' } },
    { type: 'case.accepted', agg: matter, body: acceptedBody(number) as never },
    { type: 'case.stepped', agg: matter, body: { step: '审查', text: station } },
    {
      type: 'case.finished',
      agg: matter,
      body: { result: choice === 'first' ? 'approved' : 'refused', text: '' },
    },
    {
      type: 'sheet.settled',
      agg: matter,
      body: { key: `${matter}:slip:1`, state: 'printed', payloadHash: 'ab' },
    },
    { type: 'case.teleported', agg: matter, body: { station } },
    conflict && {
      type: 'conflict.decided',
      agg: conflict.agg,
      body: { conflict: conflict.id, choice, note: '' },
    },
  ];
  return facts[type] ?? null;
}
