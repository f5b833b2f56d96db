import { createPinia, setActivePinia } from 'pinia';
import { createApp, shallowRef, type App } from 'vue';
import type { Events, Input, Output } from '../../shared/contract/index.ts';
import type { EventName, MethodName } from '../../shared/contract/names.ts';
import type { Sheet } from '../../shared/contract/print.ts';
import { CodedError } from '../../shared/contract/errors.ts';
import { readCalendar } from '../../shared/domain/calendar/calendar.ts';
import type { CaseState } from '../../shared/domain/case/case.ts';
import type { Intake } from '../../shared/domain/case/intake.ts';
import { foldCase } from '../../shared/domain/case/reducer.ts';
import type { FoldEvent } from '../../shared/domain/fold-event.ts';
import { readCatalogue } from '../../shared/domain/item/catalogue.ts';
import { foldTicket } from '../../shared/domain/ticket/reducer.ts';
import type { TicketState } from '../../shared/domain/ticket/ticket.ts';
import type { SyncStatus } from '../../shared/sync/engine.ts';
import { painted } from '../../renderer/src/app/marks.ts';
import { createLanguages } from '../../renderer/src/app/i18n.ts';
import { SERVICES, type Services } from '../../renderer/src/app/services.ts';
import { createShortcuts, SHORTCUTS } from '../../renderer/src/app/shortcuts.ts';
import { createTheme } from '../../renderer/src/app/theme.ts';
import type { Bridge, Connection } from '../../renderer/src/bridge/bridge.ts';
import type { CaseRow, HallDb, NewEvent } from '../../renderer/src/db/hall-db.ts';
import type { ConflictView, Evidence, RefusedCommand } from '../../renderer/src/db/sync-views.ts';
import { LOOKS } from '../../renderer/src/stores/display.ts';
import { EVIDENCE, JOURNAL, NO_CLERKS } from './sync-samples.ts';
import calendarFile from '../../resources/calendar/cn.json';
import pension from '../../resources/catalogue/flexible-employment-pension.json';
import passport from '../../resources/catalogue/ordinary-passport.json';

export const DEVICE = {
  dev: '0123456789ABCDEFGHJKMNPQRS',
  hall: '330102',
  hallName: '演示市政务服务大厅',
  station: 'W3',
  stationName: '综合窗口 3',
  series: 'A',
};

type Answers = { [M in MethodName]?: (input: Input<M>) => Output<M> | Promise<Output<M>> };

/** A machine that answers what the test says, and can say things unasked. */
export function fakeBridge(answers: Answers = {}) {
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const connection = new Set<(state: Connection) => void>();
  const calls: { name: MethodName; input: unknown }[] = [];
  const sheets = new Map<string, Sheet>();
  const given: Answers = {
    'app.report': () => ({}),
    'card.status': () => ({ phase: 'waiting', reader: null, since: 0 }),
    'card.demoCards': () => [{ id: 'jia', label: '测试甲' }],
    'card.placeDemo': () => ({}),
    'card.liftDemo': () => ({}),
    'reader.endTest': () => ({}),
    'central.status': () => ({
      server: 'http://127.0.0.1:1',
      state: 'online',
      lastAnswerAt: Date.now(),
      acknowledgedSeq: 0,
    }),
    'central.ask': () => ({ answer: 'granted' }),
    'clerk.state': () => NO_CLERKS,
    'clerk.list': () => [],
    'journal.status': () => JOURNAL,
    'diagnostics.run': () => [],
    'settings.read': () => ({
      settings: {
        language: 'zh-CN',
        clerk: { id: 'clerk-1', name: '王丽' },
        reader: { mode: 'demo' },
        photo: { entry: 'unpack', rows: 'bottom-up', mirrored: false, channels: 'bgr' },
        printer: { mode: 'virtual', dots: 576, bandRows: 255, bandPauseMs: 0 },
        journal: { horizonDays: 30 },
      },
      fromPolicy: [],
    }),
    'print.list': ({ keys }) => [...sheets.values()].filter(({ key }) => keys?.includes(key) ?? true),
    'print.submit': ({ key, kind, title }) => {
      const there = sheets.get(key);
      if (there) return there;
      const sheet = fakeSheet({ key, kind, title });
      sheets.set(key, sheet);
      return sheet;
    },
    'print.resolve': ({ key }) => {
      const sheet = { ...(sheets.get(key) ?? fakeSheet({ key })), state: 'resolved' as const };
      sheets.set(key, sheet);
      return sheet;
    },
    'print.preview': () => ({ png: '', file: null }),
    ...answers,
  };
  const bridge: Bridge = {
    async call<M extends MethodName>(name: M, input: Input<M>): Promise<Output<M>> {
      calls.push({ name, input });
      const answer = given[name] as ((input: Input<M>) => Output<M> | Promise<Output<M>>) | undefined;
      if (!answer) throw new CodedError('WIRE_UNKNOWN_METHOD', name);
      return answer(input);
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      set.add(listener);
      return () => set.delete(listener);
    },
    onConnection(listener) {
      connection.add(listener);
      return () => connection.delete(listener);
    },
  };
  return {
    bridge,
    calls,
    answers: given,
    sheets,
    tell<E extends EventName>(name: E, payload: Events[E]): void {
      for (const listener of listeners.get(name) ?? []) listener(payload as never);
    },
    tellConnection(state: Connection): void {
      for (const listener of connection) listener(state);
    },
    /** A sheet in the spool changes, as the core would say it. */
    tellSheet(key: string, change: Partial<Sheet>): void {
      const sheet = { ...(sheets.get(key) ?? fakeSheet({ key })), ...change };
      sheets.set(key, sheet);
      bridgeTell('print.state', sheet);
    },
    callsOf: <M extends MethodName>(name: M): Input<M>[] =>
      calls.filter((call) => call.name === name).map(({ input }) => input as Input<M>),
  };

  function bridgeTell<E extends EventName>(name: E, payload: Events[E]): void {
    for (const listener of listeners.get(name) ?? []) listener(payload as never);
  }
}

export const fakeSheet = (more: Partial<Sheet>): Sheet => ({
  key: 'case/x:slip:1',
  kind: 'slip',
  title: '',
  state: 'queued',
  copyNo: 1,
  printer: '虚拟打印机',
  createdAt: 1,
  changedAt: 1,
  payloadHash: 'hash',
  ...more,
});

/** The store in memory: events folded by the real reducers, so that it cannot say what the real one would not. */
export function fakeHallDb() {
  const events: FoldEvent[] = [];
  const commands = new Map<string, NewEvent[]>();
  const listeners = new Set<() => void>();
  const sent = new Set<string>();
  const used = new Map<string, number>();
  const drafts: (Intake | null)[] = [];
  let draft: Intake | null = null;
  let failNext: CodedError | null = null;
  let oldestUnsentAt = '';
  const blobs = new Map<string, Uint8Array>();
  let conflicts: ConflictView[] = [];
  let evidence = EVIDENCE;
  let refused: RefusedCommand[] = [];
  const decisions: { id: string; choice: string; note: string }[] = [];
  const changed = (): void => listeners.forEach((listener) => listener());
  const of = (agg: string): FoldEvent[] => events.filter((event) => event.agg === agg);
  const aggs = (kind: string): string[] => [
    ...new Set(events.map(({ agg }) => agg).filter((agg) => agg.startsWith(`${kind}/`))),
  ];
  const row = (agg: string): CaseRow | undefined => {
    const state = foldCase(of(agg));
    return state ? { state, travel: sent.has(agg) ? 'sent' : 'saved' } : undefined;
  };
  const rows = (): CaseRow[] =>
    aggs('case')
      .flatMap((agg) => row(agg) ?? [])
      .reverse();

  const db: HallDb = {
    async save(cmd, next) {
      if (failNext) {
        const error = failNext;
        failNext = null;
        throw error;
      }
      if (!commands.has(cmd)) {
        commands.set(cmd, next);
        next.forEach(({ type, agg, body }, i) =>
          events.push({
            type,
            typeV: 1,
            agg,
            at: new Date(Date.now() + events.length).toISOString(),
            dev: DEVICE.dev,
            user: 'clerk-1',
            station: DEVICE.station,
            body,
            hash: `${cmd}-${i}`,
          }),
        );
      }
      changed();
    },
    async nextNumber(series, day) {
      const key = `${series}:${day}`;
      used.set(key, (used.get(key) ?? 0) + 1);
      return used.get(key) ?? 1;
    },
    ticketsOfDay: async (day) =>
      aggs('ticket')
        .map((agg) => foldTicket(of(agg)))
        .filter((ticket): ticket is TicketState => ticket?.day === day),
    case: async (agg) => row(agg),
    recentCases: async (limit) => rows().slice(0, limit),
    casesOfPerson: async (idNumber) => rows().filter(({ state }) => state.applicant.idNumber === idNumber),
    traceNumberShown: (idNumber) =>
      db.save(crypto.randomUUID(), [
        {
          type: 'person.numberShown',
          agg: `person/hash-of-${String(idNumber.length)}`,
          body: { where: 'counter' },
        },
      ]),
    findByName: async (prefix) => rows().filter(({ state }) => state.applicant.name.startsWith(prefix)),
    async casesPage({ after, limit }) {
      const from = Number(after ?? 0);
      const all = rows();
      return {
        rows: all.slice(from, from + limit),
        next: from + limit < all.length ? String(from + limit) : null,
      };
    },
    async noteRefused(command) {
      refused = [command, ...refused];
      changed();
    },
    async putBlob(bytes) {
      const hash = `blob-${blobs.size}`;
      blobs.set(hash, bytes);
      return { hash, size: bytes.length };
    },
    blob: async (hash) => blobs.get(hash),
    casesWithoutSlip: async () => rows().filter(({ state }) => Object.keys(state.sheets).length === 0),
    readDraft: async () => draft ?? undefined,
    async writeDraft(next) {
      draft = next;
      drafts.push(next);
    },
    seenOf: async (agg) => ({ last: of(agg).at(-1)?.hash ?? '', cursor: 0 }),
    conflicts: async () => conflicts,
    async decide(id, choice, note) {
      if (failNext) {
        const error = failNext;
        failNext = null;
        throw error;
      }
      decisions.push({ id, choice, note });
      const decision = { choice, by: 'clerk-1', at: '2026-11-21T10:50:00.000+08:00', note };
      conflicts = conflicts
        .map((view) => (view.id === id ? { ...view, state: 'decided' as const, decision } : view))
        .sort((a, b) => (a.state === b.state ? 0 : a.state === 'open' ? -1 : 1));
      changed();
    },
    evidence: async () => ({
      ...evidence,
      conflictsOpen: conflicts.filter(({ state }) => state === 'open').length,
    }),
    refused: async () => refused,
    light: async () => ({
      unsent: events.length - [...sent].flatMap(of).length,
      oldestUnsentAt: oldestUnsentAt || (events[0]?.at ?? ''),
      cursor: 0,
    }),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => undefined,
  };
  return {
    db,
    events,
    commands,
    drafts,
    decisions,
    setConflicts(next: ConflictView[]): void {
      conflicts = next;
      changed();
    },
    setEvidence: (next: Partial<Evidence>) => (evidence = { ...evidence, ...next }),
    setRefused: (next: RefusedCommand[]) => (refused = next),
    setDraft: (next: Intake) => (draft = next),
    setOldestUnsent: (at: string) => (oldestUnsentAt = at),
    failNextSave: (error: CodedError) => (failNext = error),
    markSent(agg: string): void {
      sent.add(agg);
      changed();
    },
  };
}

export const testCatalogue = (): Services['catalogue'] => {
  const read = readCalendar(calendarFile);
  if (!read.ok) throw new Error('calendar');
  return { items: readCatalogue([pension, passport]).items, calendar: read.calendar, faulty: 0 };
};

/** Everything a store or a component stands on, faked; the app is not mounted. */
export function setUp(more: { answers?: Answers; capabilities?: Services['boot']['capabilities'] } = {}) {
  const machine = fakeBridge(more.answers);
  const store = fakeHallDb();
  const syncStatus = shallowRef<SyncStatus>({ phase: 'idle', lastContactAt: Date.now() });
  const printed: { kind: string; key: string }[] = [];
  const bitmap = { width: 576, height: 8, data: '' };
  const services: Services = {
    bridge: machine.bridge,
    db: store.db,
    papers: {
      slip: async (_state: CaseState, key) => {
        printed.push({ kind: 'slip', key });
        return bitmap;
      },
      testPage: async (_page, key) => {
        printed.push({ kind: 'test', key });
        return bitmap;
      },
      ticket: async (_ticket, _before, key) => {
        printed.push({ kind: 'ticket', key });
        return bitmap;
      },
    },
    catalogue: testCatalogue(),
    boot: {
      version: '0.0.0',
      shell: 'standalone',
      capabilities: more.capabilities ?? [],
      device: DEVICE,
      clerk: { id: 'clerk-1', name: '王丽' },
      sealKey: '',
      lookupKey: '',
      notices: [],
    },
    clerk: shallowRef({ id: 'clerk-1', name: '王丽' }),
    syncStatus,
    nudgeSync: () => undefined,
  };
  const pinia = createPinia();
  const languages = createLanguages();
  const shortcuts = createShortcuts(document);
  const install = (app: App): void => {
    app.provide(SERVICES, services);
    app.provide(SHORTCUTS, shortcuts);
    app.provide(LOOKS, { theme: createTheme(), speak: languages.use });
    app.use(pinia);
    app.use(languages.i18n);
  };
  // Stores outside a component: an app that is never mounted gives them what they inject.
  const app = createApp({});
  install(app);
  setActivePinia(pinia);
  return { machine, store, services, syncStatus, printed, pinia, languages, shortcuts, install, app };
}

/** Lets everything that is under way come to rest, what waits for the next frame included. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 6; i++) await new Promise((resolve) => setTimeout(resolve, 0));
    if (round === 0) await painted();
  }
}

/** A key as a keyboard sends it. */
export function press(key: string, target: EventTarget = document.activeElement ?? document.body): void {
  const parts = key.split('+');
  const name = parts.at(-1) ?? '';
  const code = /^[A-Z]$/i.test(name) ? `Key${name.toUpperCase()}` : /^\d$/.test(name) ? `Digit${name}` : name;
  target.dispatchEvent(
    new KeyboardEvent('keydown', {
      key: name,
      code,
      ctrlKey: parts.includes('Ctrl'),
      altKey: parts.includes('Alt'),
      bubbles: true,
      cancelable: true,
    }),
  );
}
