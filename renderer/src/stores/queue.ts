import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, watch } from 'vue';
import { formatTicketNo } from '../../../shared/domain/case/numbers.ts';
import type { TicketClass, TicketState } from '../../../shared/domain/ticket/ticket.ts';
import { useServices } from '../app/services.ts';
import type { NewEvent } from '../db/hall-db.ts';
import { askFirst } from './ask-first.ts';
import { useClock } from './clock.ts';
import { useDevice } from './device.ts';
import { usePaper } from './paper.ts';
import { useStrip } from './strip.ts';
import { windowNo } from './window-no.ts';

/** Appointments have a time, then those the law lets go first (优先), then by order of taking. */
const ORDER: Record<TicketClass, number> = { appointment: 0, priority: 1, normal: 2 };

/** Numbers asked for at one press; whoever finds so many gone at once should look at the list. */
const MOST_ASKED = 5;

/** The server holds a number for a window that long; when nothing came of it, it is everybody's again. */
const ELSEWHERE_MS = 12_000;

/** Queue numbers of today: taking, calling, ending. Facts, so all of it works without the line. */
export const useQueue = defineStore('queue', () => {
  const { db, bridge, nudgeSync } = useServices();
  const clock = useClock();
  const paper = usePaper();
  const strip = useStrip();
  const { device } = useDevice();
  const tickets = ref<TicketState[]>([]);
  /** The number given out last at this desk, so that the clerk can say it. */
  const lastTaken = ref<TicketState | null>(null);
  const busy = ref(false);
  /** Numbers the server said another window has, before the news of it is here; each until when, milliseconds. */
  const takenElsewhere = ref<ReadonlyMap<string, number>>(new Map());
  const isElsewhere = ({ agg }: TicketState): boolean => {
    const until = takenElsewhere.value.get(agg);
    return until !== undefined && clock.now < until;
  };
  /** Said once for each time the server does not answer: the light goes on saying it. */
  let saidOffline = false;

  async function refresh(): Promise<void> {
    tickets.value = await db.ticketsOfDay(clock.day);
  }
  onScopeDispose(db.onChange(() => void refresh()));
  watch(
    () => clock.day,
    () => void refresh(),
  );

  const waiting = computed(() =>
    tickets.value
      .filter((ticket) => ticket.status === 'waiting' && !isElsewhere(ticket))
      .sort((a, b) => ORDER[a.class] - ORDER[b.class] || a.takenAt.localeCompare(b.takenAt)),
  );
  const current = computed(() => {
    const mine = tickets.value.filter(
      (ticket) => ticket.status === 'called' && ticket.station === device.station,
    );
    return mine.sort((a, b) => b.calledAt.localeCompare(a.calledAt))[0] ?? null;
  });
  const longestWaitMinutes = computed(() => {
    const oldest = Math.min(...waiting.value.map((ticket) => Date.parse(ticket.takenAt)));
    return Number.isFinite(oldest) ? Math.max(0, Math.floor((clock.now - oldest) / 60_000)) : 0;
  });
  const waitingByClass = computed(() => {
    const count: Record<TicketClass, number> = { normal: 0, priority: 0, appointment: 0 };
    for (const ticket of waiting.value) count[ticket.class] += 1;
    return count;
  });

  /** One press, one deed: a second press while the first is being saved is not a second wish. */
  async function once(deed: () => Promise<void>): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    strip.clear();
    try {
      await deed();
    } catch (error) {
      strip.fail(error);
    } finally {
      busy.value = false;
    }
  }

  async function save(events: NewEvent[], cmd: string = crypto.randomUUID()): Promise<void> {
    await db.save(cmd, events);
    await refresh();
  }

  async function finishing(ticket: TicketState): Promise<NewEvent> {
    const recent = await db.recentCases(50);
    const caseNos = recent
      .filter(({ state }) => state.ticket === ticket.agg)
      .map(({ state }) => state.caseNo);
    return { type: 'ticket.finished', agg: ticket.agg, body: { station: device.station, caseNos } };
  }

  /**
   * Asks the server for the first number that waits, then takes the fact down. Another window may have been first: then
   * the next one is asked for. Without an answer in time the number is called all the same, and the clerk is told.
   */
  async function callFirst(): Promise<void> {
    let refused: { no: string; by: string } | null = null;
    for (const next of waiting.value.slice(0, MOST_ASKED)) {
      const cmd = crypto.randomUUID();
      const body = { station: device.station };
      const command = { cmd, agg: next.agg, type: 'ticket.called', body, seen: await db.seenOf(next.agg) };
      const { answer, reason, by } = await askFirst(bridge, command);
      if (answer === 'refused') {
        refused = { no: next.no, by: windowNo(by) };
        await putAside(next, reason, by);
        continue;
      }
      const mine = current.value;
      const ended = mine ? [await finishing(mine)] : [];
      await save([...ended, { type: 'ticket.called', agg: next.agg, body }], cmd);
      if (refused) strip.say('warn', refused.by ? 'queue.calledBy' : 'queue.calledElsewhere', refused);
      else if (answer === 'offline' && !saidOffline)
        strip.say('info', 'queue.calledOffline', { no: next.no });
      saidOffline = answer === 'offline';
      return;
    }
    if (refused) strip.say('warn', refused.by ? 'queue.calledByLast' : 'queue.goneLast', refused);
    else strip.say('info', 'queue.nobodyWaits');
  }

  /** Another window has it: it leaves the list before the news of it comes, and the sync page can say why. */
  async function putAside({ agg }: TicketState, reason: string, by: string): Promise<void> {
    takenElsewhere.value = new Map([...takenElsewhere.value, [agg, Date.now() + ELSEWHERE_MS]]);
    nudgeSync();
    // That it could not be noted changes nothing of what the clerk does next.
    await db
      .noteRefused({ at: new Date().toISOString(), type: 'ticket.called', agg, reason, by })
      .catch(() => undefined);
  }

  return {
    tickets,
    waiting,
    waitingByClass,
    longestWaitMinutes,
    current,
    lastTaken,
    busy,
    load: refresh,

    /** Gives out the next number of this device's series and prints it (取号). */
    take: (kind: TicketClass = 'normal') =>
      once(async () => {
        const day = clock.day;
        const no = formatTicketNo(device.series, await db.nextNumber('ticket', day));
        const agg = `ticket/${day}-${no}`;
        await save([{ type: 'ticket.taken', agg, body: { no, class: kind, day } }]);
        const taken = tickets.value.find((ticket) => ticket.agg === agg) ?? null;
        lastTaken.value = taken;
        if (taken) {
          const ahead = waiting.value.findIndex((ticket) => ticket.agg === agg);
          // Not waited for: the next key must not be lost while the paper is drawn.
          paper.printTicket(taken, Math.max(0, ahead)).catch((error: unknown) => strip.fail(error));
        }
      }),

    /** Ends the number at this window, if there is one, and calls the next (下一位). */
    callNext: () => once(callFirst),

    /** Calls the number at this window once more (重呼). */
    recall: () =>
      once(async () => {
        if (!current.value) return;
        await save([{ type: 'ticket.recalled', agg: current.value.agg, body: { station: device.station } }]);
      }),

    /** The person did not come (过号). */
    noShow: () =>
      once(async () => {
        if (!current.value) return;
        await save([{ type: 'ticket.noShow', agg: current.value.agg, body: { station: device.station } }]);
      }),

    /** The person has been served (办完). */
    finish: () =>
      once(async () => {
        if (current.value) await save([await finishing(current.value)]);
      }),
  };
});
