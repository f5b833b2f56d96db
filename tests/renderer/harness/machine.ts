import type { Events, Output } from '../../../shared/contract/index.ts';
import type { Bitmap, Sheet } from '../../../shared/contract/print.ts';
import type { EventName, MethodName } from '../../../shared/contract/names.ts';
import type { CardDocument } from '../../../shared/domain/card/document.ts';
import { CodedError, toWireError, type ErrorCode } from '../../../shared/contract/errors.ts';
import type { PreloadApi } from '../../../renderer/src/bridge/electron.ts';
import { memoryHall, memoryMachine } from '../../fixtures/memory-machine.ts';
import { maskIdNumber, maskName } from '../../../shared/domain/masking/mask.ts';
import { PEOPLE } from './people.ts';
import { makeEvent } from '../../../shared/sync/event.ts';
import { JOURNAL, NO_CLERKS, OTHER_DEV } from '../sync-samples.ts';
import { portrait } from './portrait.ts';
import { DEVICES, framesFrom, PROFILES } from './readers.ts';

const DEVICE = {
  dev: '0123456789ABCDEFGHJKMNPQRS',
  hall: '330102',
  hallName: '演示市政务服务大厅',
  station: 'W3',
  stationName: '综合窗口 3',
  series: 'A',
};

const CLERKS = ['王丽', '李伟', '陈静', '赵敏', '周强'].map((name, i) => ({ id: `w${i + 1}`, name }));

/** A machine that is not there: reader, printer, journal and line in memory, with handles to break each. */
export function createHarnessMachine(options: { language: 'zh-CN' | 'en'; enrolled: boolean }) {
  const hall = memoryHall();
  const memory = memoryMachine(DEVICE, hall);
  const listeners = new Map<EventName, Set<(payload: unknown) => void>>();
  const tell = <E extends EventName>(name: E, payload: Events[E]): void =>
    listeners.get(name)?.forEach((listener) => listener(payload));
  const reader = { name: '模拟读卡器', profile: 'demo', demo: true };
  const sheets = new Map<string, Sheet>();
  const bitmaps = new Map<string, Bitmap>();
  const state = {
    line: 'online' as 'online' | 'offline',
    lastAnswerAt: Date.now() as number | null,
    enrolled: options.enrolled,
    card: { phase: 'waiting', reader, since: Date.now() } as Output<'card.status'>,
    printer: 'printed' as 'printed' | 'uncertain' | 'failed-before-send',
    readMs: 600,
    photo: 'no-decoder' as Events['card.photo']['outcome'],
    photoStatus: { library: 'none', detail: '', last: null } as Output<'card.photoStatus'>,
    devices: DEVICES,
    fromPolicy: [] as string[],
    probeMs: 700,
    probeAnswers: 'generic-raw',
    framesAtFirst: 60,
    journal: JOURNAL,
    skewMs: 0,
    clerks: NO_CLERKS,
    ask: { answer: 'granted' } as Output<'central.ask'>,
  };
  const setCard = (phase: Output<'card.status'>['phase'], error?: ErrorCode): void => {
    state.card = { phase, reader, since: Date.now(), ...(error ? { error } : {}) };
    tell('card.state', state.card);
  };
  const setSheet = (sheet: Sheet, next: Sheet['state'], error?: ErrorCode): void => {
    const changed: Sheet = { ...sheet, state: next, changedAt: Date.now(), ...(error ? { error } : {}) };
    sheets.set(sheet.key, changed);
    tell('print.state', changed);
  };
  const line = (): Output<'central.status'> => ({
    server: 'http://127.0.0.1:21861',
    state: state.line,
    lastAnswerAt: state.lastAnswerAt,
    acknowledgedSeq: 0,
    clockSkewMs: state.skewMs,
  });
  let settings: Output<'settings.read'>['settings'] = {
    language: options.language,
    clerk: { id: 'clerk-1', name: '王丽' },
    reader: { mode: 'demo' },
    photo: { entry: 'unpack', rows: 'bottom-up', mirrored: false, channels: 'bgr' },
    printer: { mode: 'virtual', dots: 576, bandRows: 255, bandPauseMs: 0 },
    journal: { horizonDays: 30 },
  };
  let serial = 0;
  /** Who gets the next card: the counter, or an admin's test read. */
  let tester: ((id: string) => void) | null = null;
  let frameSeq = 0;
  const began = Date.now();

  const own: { [M in MethodName]?: (input: never) => unknown } = {
    'app.boot': (): Output<'app.boot'> => ({
      version: '0.1.0',
      shell: 'electron',
      capabilities: ['card.demo', 'print.preview'],
      device: state.enrolled ? DEVICE : null,
      clerk: settings.clerk,
      sealKey: btoa('s'.repeat(32)),
      lookupKey: btoa('l'.repeat(32)),
      notices: [],
    }),
    'app.report': (input: { where: string; message: string }) => {
      console.error('reported', input.where, input.message);
      return {};
    },
    'card.status': () => state.card,
    'card.demoCards': () => Object.entries(PEOPLE).map(([id, { label }]) => ({ id, label })),
    'card.placeDemo': ({ id }: { id: string }) => {
      const found = PEOPLE[id];
      setCard('reading');
      setTimeout(() => {
        if (!found) return;
        setCard('read');
        if (tester) {
          tester(id);
          return;
        }
        const readId = `read-${++serial}`;
        tell('card.read', {
          readId,
          document: found.document,
          lastByteAt: performance.timeOrigin + performance.now(),
        });
        const outcome = state.photo;
        tell('card.photo', { readId, outcome, ...(outcome === 'decoded' ? { png: portrait() } : {}) });
      }, state.readMs);
      return {};
    },
    'card.liftDemo': () => {
      setCard('waiting');
      return {};
    },
    'card.photoStatus': () => state.photoStatus,
    'reader.devices': (): Output<'reader.devices'> => ({
      devices: state.devices,
      profiles: PROFILES,
    }),
    'reader.probe': async ({ profiles = [] }: { profiles?: string[] }): Promise<Output<'reader.probe'>> => {
      await new Promise((resolve) => setTimeout(resolve, state.probeMs));
      const [profile = ''] = profiles;
      const answered = profile === state.probeAnswers;
      return {
        attempts: [
          {
            profile,
            outcome: answered ? 'answered' : 'ID_CARD_TIMEOUT',
            sam: answered ? '05.01-20200101-0001234567-0007654321-0000000000' : '',
            tookMs: state.probeMs,
          },
        ],
      };
    },
    'reader.testRead': ({ limitMs = 30_000 }: { limitMs?: number }): Promise<Output<'reader.testRead'>> =>
      new Promise((resolve) => {
        const end = (answer: Output<'reader.testRead'>): void => {
          clearTimeout(timer);
          tester = null;
          resolve(answer);
        };
        const nothing = { document: [], warnings: [], photoBytes: 0, readMs: 0 };
        const timer = setTimeout(() => end({ outcome: 'ID_CARD_TIMEOUT', ...nothing }), limitMs);
        tester = (id) => {
          const found = PEOPLE[id];
          if (found) end(maskedRead(found.document, state.readMs));
        };
      }),
    'reader.endTest': () => ({}),
    'reader.frames': ({ after = 0 }: { after?: number }): Output<'reader.frames'> => {
      const fresh = framesFrom(frameSeq, frameSeq === 0 ? state.framesAtFirst : 2, began + frameSeq * 40);
      frameSeq += fresh.length;
      return { frames: fresh.filter(({ seq }) => seq > after) };
    },
    'central.status': line,
    'central.ask': () => state.ask,
    'journal.status': () => state.journal,
    'journal.export': ({ folder }: { folder: string }): Output<'journal.export'> => ({
      file: `${folder}/zongchuang-330102-W3-20261121.zcj`,
      events: 42,
      bytes: 84_000,
    }),
    'journal.import': () => {
      throw new CodedError('WIRE_BAD_INPUT');
    },
    'diagnostics.run': () => [],
    'clerk.state': () => state.clerks,
    'clerk.list': () => CLERKS,
    'clerk.signIn': ({ id, secret }: { id: string; secret: string }): Output<'clerk.signIn'> => {
      const clerk = CLERKS.find((one) => one.id === id);
      if (secret === 'locked') state.clerks = { ...state.clerks, lockedUntil: Date.now() + 272_000 };
      if (secret !== '123456' || !clerk)
        throw new CodedError(secret === 'locked' ? 'CLERK_LOCKED' : 'CLERK_WRONG_SECRET');
      state.clerks = { ...state.clerks, clerk: { ...clerk, roles: ['window'] } };
      return { ...clerk, roles: ['window'], how: 'offline' };
    },
    'clerk.signOut': () => {
      state.clerks = { ...state.clerks, clerk: null };
      return {};
    },
    'central.enrol': () => {
      state.enrolled = true;
      return DEVICE;
    },
    'settings.read': () => ({ settings, fromPolicy: state.fromPolicy }),
    'settings.write': ({ settings: change }: { settings: Partial<typeof settings> }) => {
      settings = { ...settings, ...change };
      tell('settings.changed', settings);
      return { settings, fromPolicy: state.fromPolicy };
    },
    'print.list': () => [...sheets.values()],
    'print.submit': (input: { key: string; kind: string; title: string; bitmap: Bitmap }) => {
      const there = sheets.get(input.key);
      if (there) return there;
      const now = Date.now();
      const sheet: Sheet = {
        key: input.key,
        kind: input.kind,
        title: input.title,
        state: 'queued',
        copyNo: 1,
        printer: '虚拟打印机',
        createdAt: now,
        changedAt: now,
        payloadHash: '0'.repeat(64),
      };
      sheets.set(sheet.key, sheet);
      bitmaps.set(sheet.key, input.bitmap);
      setTimeout(() => setSheet(sheet, 'sending'), 80);
      setTimeout(() => {
        setSheet(sheet, state.printer, state.printer === 'printed' ? undefined : 'PRINT_PAPER_OUT');
      }, 400);
      return sheet;
    },
    'print.resolve': ({ key, outcome }: { key: string; outcome: string }) => {
      const sheet = sheets.get(key);
      if (!sheet) throw new CodedError('PRINT_BAD_SHEET');
      setSheet(sheet, 'resolved');
      return outcome === 'reprint' ? { ...sheet, copyNo: 2, state: 'printed' } : sheets.get(key);
    },
    'print.find': (): Output<'print.find'> => [
      { mode: 'usb', address: '/dev/usb/lp0', detail: 'Gprinter GP-L80160' },
      { mode: 'lp', address: 'RECEIPT', detail: '' },
      { mode: 'serial', address: '/dev/ttyUSB0', detail: 'QinHeng' },
    ],
    'print.check': (): Output<'print.check'> => ({
      state: state.printer === 'printed' ? 'ready' : 'paper-out',
      proves: 'printed',
    }),
    'print.preview': ({ key }: { key: string }) => ({ png: pngOf(bitmaps.get(key)), file: null }),
  };

  const api: PreloadApi = {
    async call(name, input) {
      try {
        const answer = own[name];
        const value = answer ? answer(input as never) : await memory.bridge.call(name, input as never);
        if (name.startsWith('central.') && name !== 'central.status') {
          state.lastAnswerAt = Date.now();
          tell('central.state', line());
        }
        return { ok: true, value };
      } catch (error) {
        return { ok: false, error: toWireError(error) };
      }
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => set.delete(listener);
    },
  };

  return {
    api,
    state,
    hall,
    memory,
    setCard,
    failBoot(code: ErrorCode) {
      own['app.boot'] = () => {
        throw new CodedError(code, 'held by pid 4711');
      };
    },
    /** Another window calls the number taken here first, while this one cannot hear of it. */
    callElsewhere() {
      const taken = hall.stream.find(({ bytes }) => bytes.includes('"type":"ticket.taken"'));
      if (!taken) throw new Error('no number was taken');
      const { agg } = JSON.parse(taken.bytes) as { agg: string };
      const seen = { last: taken.hash, cursor: taken.cursor };
      const draft = { type: 'ticket.called', typeV: 1, agg, seen, user: 'w5', body: { station: 'W5' } };
      const author = { hall: DEVICE.hall, dev: OTHER_DEV, inc: '5'.repeat(32), station: 'W5' };
      const place = { seq: 1, prev: '', cmd: 'called-elsewhere', at: new Date().toISOString() };
      hall.add(makeEvent(draft, author, place));
    },
    setLine(next: 'online' | 'offline') {
      state.line = next;
      memory.setOnline(next === 'online');
      tell('central.state', line());
    },
  };
}

/** A card as the machine would tell it to an admin. */
function maskedRead(
  { name, number, birth, type, validTo, longTerm, warnings }: CardDocument,
  readMs: number,
): Output<'reader.testRead'> {
  const document = Object.entries({
    type,
    name: maskName(name),
    sex: '··',
    ethnicity: '··',
    birth: birth.slice(0, 4),
    address: '·· ×14',
    number: maskIdNumber(number),
    issuer: '·· ×6',
    validFrom: '2020-01-01',
    validTo: longTerm ? '长期' : validTo,
  }).map(([field, value]) => ({ field, value }));
  return { outcome: 'read', document, warnings, photoBytes: 1024, readMs };
}

function pngOf(bitmap: Bitmap | undefined): string {
  if (!bitmap) throw new CodedError('PRINT_BAD_SHEET');
  const canvas = document.createElement('canvas');
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
  const image = pen.createImageData(bitmap.width, bitmap.height);
  const bytes = Uint8Array.from(atob(bitmap.data), (c) => c.charCodeAt(0));
  const rowBytes = Math.ceil(bitmap.width / 8);
  for (let y = 0; y < bitmap.height; y++) {
    for (let x = 0; x < bitmap.width; x++) {
      const isBlack = ((bytes[y * rowBytes + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1;
      image.data.set(isBlack ? [0, 0, 0, 255] : [255, 255, 255, 255], (y * bitmap.width + x) * 4);
    }
  }
  pen.putImageData(image, 0, 0);
  return canvas.toDataURL('image/png').split(',')[1] ?? '';
}
