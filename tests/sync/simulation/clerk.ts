import type { Draft } from '../../../shared/contract/journal.ts';
import { formatCaseNo, formatTicketNo } from '../../../shared/domain/case/numbers.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import { acceptedBody } from '../../fixtures/cases.ts';
import type { Hall } from './hall.ts';
import type { Machine } from './machine.ts';
import type { Random } from './random.ts';
import { newestOf } from './window-store.ts';

const DAY = '2026-11-21';

type New = Pick<Draft, 'type' | 'agg' | 'body'>;

/** One press of a button: saved once, or known not to be, or not known. */
export interface Action {
  machine: string;
  cmd: string;
  drafts: Draft[];
  /** The screen said 已保存. */
  saved: boolean;
  at: number;
  /** The journal lost it before the server had it; the window's store is the only place left. */
  onlyInStore: boolean;
  /** Why it may be missing at the end, '' when there is no excuse. */
  excuse: string;
}

/**
 * Somebody works at this machine until closing time: takes and calls numbers, accepts and finishes cases, and presses
 * again when a save failed.
 */
export function sendClerk(hall: Hall, machine: Machine, random: Random): void {
  const { world } = hall;
  let presses = 0;
  /** Given in memory, as the window does, so that two presses never get one number; gone with the window. */
  const reserved = new WeakMap<object, Map<string, number>>();

  const next = (): void => {
    world.after(random.between(200, 4_000), () => void work());
  };

  async function work(): Promise<void> {
    if (world.now() > hall.closing) return;
    const window = machine.window();
    if (!window) {
      next();
      return;
    }
    const drafts = think().map((each) => withSeen(each));
    if (drafts.length === 0) {
      next();
      return;
    }
    const cmd = `${machine.name}-press-${String(++presses).padStart(4, '0')}`;
    const action: Action = {
      machine: machine.name,
      cmd,
      drafts,
      saved: false,
      at: world.now(),
      onlyInStore: false,
      excuse: '',
    };
    hall.actions.push(action);
    next();
    for (let tries = 1; tries <= 4; tries++) {
      if ((await press(action)) || random.chance(0.3)) break;
      await world.sleep(random.between(300, 3_000));
      if (world.now() > hall.closing) break;
    }
  }

  /** Never waits longer than a clerk would: a window that has died answers nobody. */
  async function press(action: Action): Promise<boolean> {
    let settled: (how: string) => void = () => undefined;
    const done = new Promise<string>((resolve) => (settled = resolve));
    const cancel = world.after(20_000, () => settled('no answer'));
    machine.save(action.cmd, action.drafts).then(
      (events) => {
        action.saved = true;
        settled(`saved ${events.length}`);
      },
      (error: unknown) => settled(error instanceof CodedError ? error.code : String(error)),
    );
    const how = await done;
    cancel();
    world.note(
      machine.name,
      `${action.cmd} ${action.drafts.map(({ type, agg }) => `${type} ${agg}`).join(', ')}: ${how}`,
    );
    return action.saved;
  }

  function withSeen({ type, agg, body }: New): Draft {
    const shown = machine.shown();
    return {
      type,
      typeV: 1,
      agg,
      seen: { last: newestOf(shown, agg), cursor: shown.stream.cursor },
      user: `clerk-${machine.name}`,
      body,
    };
  }

  function number(series: 'ticket' | 'case'): number {
    const key = `${series}:${DAY}`;
    const { life } = machine.window()!;
    const given = reserved.get(life) ?? new Map<string, number>();
    reserved.set(life, given);
    const used = Math.max(machine.shown().counters.get(key) ?? 0, given.get(key) ?? 0) + 1;
    given.set(key, used);
    return used;
  }

  function think(): New[] {
    const shown = machine.shown();
    const { station, series } = machine.disk.enrolment!.device;
    const pictures = [...shown.pictures.values()];
    const tickets = pictures.flatMap(({ ticket }) => ticket ?? []);
    const waiting = tickets.filter(({ status }) => status === 'waiting' || status === 'no-show');
    const mine = tickets.filter((ticket) => ticket.status === 'called' && ticket.station === station);
    const open = pictures.flatMap((picture) => (picture.case?.status === 'accepted' ? picture.case : []));
    const disputed = pictures.filter(({ conflicts }) => conflicts.some(({ state }) => state === 'open'));
    if (disputed.length > 0 && random.chance(0.3)) {
      const { agg, conflicts } = random.pick(disputed);
      const conflict = random.pick(conflicts).id;
      return [
        {
          type: 'conflict.decided',
          agg,
          body: { conflict, choice: random.pick(['first', 'second']), note: '' },
        },
      ];
    }
    const dice = random.float();
    if (dice < 0.25 || tickets.length === 0) {
      const no = formatTicketNo(series, number('ticket'));
      return [{ type: 'ticket.taken', agg: `ticket/${DAY}-${no}`, body: { no, class: 'normal', day: DAY } }];
    }
    if (dice < 0.5 && waiting.length > 0)
      return [{ type: 'ticket.called', agg: random.pick(waiting).agg, body: { station } }];
    if (dice < 0.6 && mine.length > 0) {
      const type = random.pick(['ticket.recalled', 'ticket.noShow', 'ticket.voided']);
      const body = type === 'ticket.voided' ? { station, reason: 'no-paper' } : { station };
      return [{ type, agg: random.pick(mine).agg, body }];
    }
    if (dice < 0.8) {
      const caseNo = formatCaseNo('330102', DAY, series, number('case'));
      const agg = `case/${machine.name}-${presses}-${random.below(1e9)}`;
      const ticket = mine[0]?.agg ?? '';
      const body = { ...acceptedBody(1), caseNo, ticket } as unknown as Draft['body'];
      const accepted: New = { type: 'case.accepted', agg, body };
      return ticket === ''
        ? [accepted]
        : [accepted, { type: 'ticket.finished', agg: ticket, body: { station, caseNos: [caseNo] } }];
    }
    if (dice < 0.92 && open.length > 0) {
      const result = random.pick(['approved', 'refused']);
      return [{ type: 'case.finished', agg: random.pick(open).agg, body: { result, text: '' } }];
    }
    if (dice < 0.96 && open.length > 0) {
      const { agg } = random.pick(open);
      const key = `${agg}:slip:1`;
      return [{ type: 'sheet.settled', agg, body: { key, state: 'printed', payloadHash: '' } }];
    }
    // What a newer program may write one day.
    return [{ type: 'weather.noted', agg: `weather/${machine.name}`, body: { n: presses } }];
  }

  next();
}
