import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref } from 'vue';
import type { Sheet } from '../../../shared/contract/print.ts';
import type { CaseState } from '../../../shared/domain/case/case.ts';
import type { TicketState } from '../../../shared/domain/ticket/ticket.ts';
import { useServices } from '../app/services.ts';
import { useClock } from './clock.ts';
import { localDay } from './local-time.ts';
import { useDevice } from './device.ts';
import { neverPrinted, ticketKey, voiding, withoutSheet } from './paperless-tickets.ts';
import { useStrip } from './strip.ts';

/** States of a sheet that are written into the case's own history. */
const SETTLED = ['printed', 'handed-over', 'uncertain', 'resolved'] as const;
type Settled = (typeof SETTLED)[number];
const isSettled = (state: Sheet['state']): state is Settled => (SETTLED as readonly string[]).includes(state);

/** So many days back a case without a slip is still looked for at start: a long weekend with the PC off. */
const LOOK_BACK_DAYS = 7;

/** A number given out so recently may still be on its way to the spool. */
const TICKET_GRACE_MS = 60_000;

/** The first sheet of a kind of an aggregate; reprints (补打) count on from there. */
export const slipKey = (agg: string): string => `${agg}:slip:1`;
const aggOf = (key: string): string => key.slice(0, key.indexOf(':'));

/**
 * Paper: one row per sheet, as the spool keeps it. Nothing is printed twice and nothing is called printed without
 * evidence; what nobody can know is asked (票出来了吗).
 */
export const usePaper = defineStore('paper', () => {
  const { bridge, db, papers, clerk } = useServices();
  const clock = useClock();
  const device = useDevice();
  const strip = useStrip();
  const sheets = ref<Record<string, Sheet>>({});
  /** The slip open in the preview, with its picture. */
  const preview = ref<{ key: string; title: string; png: string } | null>(null);
  const thumbnails = ref<Record<string, string>>({});

  /** Answers that are under way, so that a second press does not answer the next question. */
  const resolving = ref(false);

  async function take(sheet: Sheet): Promise<void> {
    // The answer to a call may come in after what happened next was already told.
    if ((sheets.value[sheet.key]?.changedAt ?? 0) > sheet.changedAt) return;
    sheets.value = { ...sheets.value, [sheet.key]: sheet };
    await settle(sheet);
  }

  /** Writes into the case what became of its sheet. The command names sheet and state: twice is once. */
  async function settle(sheet: Sheet): Promise<void> {
    const agg = aggOf(sheet.key);
    if (neverPrinted(sheet)) return takeBack(agg);
    if (!agg.startsWith('case/') || !isSettled(sheet.state)) return;
    const cmd = `sheet.${agg.slice('case/'.length)}.${sheet.copyNo}.${sheet.state}`;
    await db.save(cmd, [
      {
        type: 'sheet.settled',
        agg,
        body: { key: sheet.key, state: sheet.state, payloadHash: sheet.payloadHash },
      },
    ]);
  }

  /** A number whose paper never came out is not waiting. */
  async function takeBack(agg: string): Promise<void> {
    const { cmd, events } = voiding(agg, device.device.station);
    await db.save(cmd, events);
  }

  /** Numbers whose paper failed, or was never asked for, before this window was open. */
  async function takeBackPaperless(): Promise<void> {
    const tickets = await db.ticketsOfDay(localDay(clock.now));
    const own = { series: device.device.series, before: clock.now - TICKET_GRACE_MS };
    const lost = withoutSheet(tickets, own, sheets.value).map(({ agg }) => agg);
    const failed = tickets.filter(({ agg, status }) => {
      const sheet = sheets.value[ticketKey(agg)];
      return status === 'waiting' && sheet !== undefined && neverPrinted(sheet);
    });
    for (const agg of [...lost, ...failed.map((ticket) => ticket.agg)]) await takeBack(agg);
  }

  const onSheet = (sheet: Sheet): void => void take(sheet).catch((error: unknown) => strip.fail(error));
  const closers = [
    bridge.on('print.state', onSheet),
    bridge.onConnection((connection) => {
      if (connection === 'up') void refresh().catch((error: unknown) => strip.fail(error));
    }),
  ];
  onScopeDispose(() => closers.forEach((close) => close()));

  async function refresh(): Promise<void> {
    const list = await bridge.call('print.list', {});
    sheets.value = Object.fromEntries(list.map((sheet) => [sheet.key, sheet]));
  }

  async function printSlip(state: CaseState): Promise<void> {
    const key = slipKey(state.agg);
    const bitmap = await papers.slip(state, key, device.dots);
    await take(await bridge.call('print.submit', { key, kind: 'slip', title: state.caseNo, bitmap }));
  }

  /** Slips owed since a crash or a power cut: printed now, or settled from what the spool knows. */
  async function printOwed(): Promise<void> {
    const since = localDay(clock.now - LOOK_BACK_DAYS * 86_400_000);
    const owed = await db.casesWithoutSlip(since);
    if (owed.length === 0) return;
    const known = await bridge.call('print.list', { keys: owed.map(({ state }) => slipKey(state.agg)) });
    const byKey = new Map(known.map((sheet) => [sheet.key, sheet]));
    let printed = 0;
    for (const { state } of owed) {
      const sheet = byKey.get(slipKey(state.agg));
      if (sheet) await take(sheet);
      else {
        await printSlip(state);
        printed += 1;
      }
    }
    if (printed > 0) strip.say('info', 'paper.owed', { n: printed });
  }

  /** The newest copy of a first sheet. */
  function newestOf(firstKey: string): Sheet | undefined {
    const stem = firstKey.slice(0, firstKey.lastIndexOf(':') + 1);
    return Object.values(sheets.value)
      .filter((sheet) => sheet.key.startsWith(stem))
      .sort((a, b) => b.copyNo - a.copyNo)[0];
  }

  return {
    sheets,
    preview,
    resolving,
    thumbnails,
    newestOf,

    /** The sheet about which the clerk has to be asked, oldest first. */
    uncertain: computed(
      () =>
        Object.values(sheets.value)
          .filter((sheet) => sheet.state === 'uncertain')
          .sort((a, b) => a.createdAt - b.createdAt)[0] ?? null,
    ),
    /** What is wrong with the printer, by its own last word: the newest sheet's error, '' when all is well. */
    trouble: computed(() => {
      const newest = Object.values(sheets.value)
        .filter(({ kind }) => kind !== 'test')
        .sort((a, b) => b.changedAt - a.changedAt)[0];
      return newest?.error !== undefined && newest.state !== 'resolved' && newest.state !== 'printed'
        ? newest.error
        : '';
    }),
    pending: computed(
      () =>
        Object.values(sheets.value).filter(({ state }) => state === 'queued' || state === 'sending').length,
    ),

    async load(): Promise<void> {
      await refresh();
      await takeBackPaperless();
      await printOwed();
    },

    printSlip,

    /** @param ahead people waiting before this number */
    async printTicket(ticket: TicketState, ahead: number): Promise<void> {
      const key = ticketKey(ticket.agg);
      const bitmap = await papers.ticket(ticket, ahead, key, device.dots);
      await take(await bridge.call('print.submit', { key, kind: 'ticket', title: ticket.no, bitmap }));
    },

    /** The clerk's answer: it came out (已出), or print it again (没出,补打). */
    async resolve(key: string, outcome: 'came-out' | 'reprint'): Promise<void> {
      if (resolving.value) return;
      resolving.value = true;
      try {
        await take(await bridge.call('print.resolve', { key, outcome, clerk: clerk.value.id }));
        // A reprint settles the sheet before it as well.
        if (outcome === 'reprint') await refresh();
      } catch (error) {
        strip.fail(error);
      } finally {
        resolving.value = false;
      }
    },

    /** Fetches the small picture of a sheet, once. */
    async loadThumbnail(key: string): Promise<void> {
      if (thumbnails.value[key] !== undefined) return;
      const { png } = await bridge.call('print.preview', { key });
      thumbnails.value = { [key]: `data:image/png;base64,${png}` };
    },

    async openPreview(sheet: Sheet): Promise<void> {
      try {
        const { png } = await bridge.call('print.preview', { key: sheet.key });
        preview.value = { key: sheet.key, title: sheet.title, png: `data:image/png;base64,${png}` };
      } catch (error) {
        strip.fail(error);
      }
    },
    closePreview(): void {
      preview.value = null;
    },
  };
});
