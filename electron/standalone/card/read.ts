import type { CardRead, ReaderState } from '../../../shared/contract/card.ts';
import type { ErrorCode } from '../../../shared/contract/errors.ts';
import { maskedFields } from '../../core/id-card/admin/masked-fields.ts';
import { createFrameLog, type FrameLog } from '../../core/id-card/admin/frame-log.ts';
import { createCardReader, type CardReader } from '../../core/id-card/card-reader.ts';
import { isLasting } from '../../core/id-card/reader-supervisor.ts';
import { documentTypeName, ethnicityName, sexName } from '../../../shared/domain/card/code-tables.ts';
import type { DocumentType } from '../../../shared/domain/card/document.ts';
import { EXIT, type CardAround, type ExitCode } from './around.ts';
import { openDemo, type DemoOptions } from './demo.ts';
import { loadProfiles } from './profiles.ts';
import type { Words } from './words.ts';

export interface ReadOptions {
  /** As the setting `reader.profile`. */
  choice: string | undefined;
  fingerprint: boolean;
  management: boolean;
  times: number;
  waitSeconds: number;
  reveal: boolean;
  json: boolean;
  /** null: a real reader. */
  demo: DemoOptions | null;
}

/** `read`: the next cards on the reader, by the same logic the counter uses. */
export async function read(around: CardAround, options: ReadOptions): Promise<ExitCode> {
  const { words, tell, clock, log, signal } = around;
  if (!options.demo && (await around.isRunning())) {
    tell(words.own.running);
    return EXIT.held;
  }
  const demo = options.demo && (await openDemo(around, options.demo));
  const frames = createFrameLog(clock);
  const choice = options.choice ?? demo?.choice;
  const reader = createCardReader({
    clock,
    log,
    // The simulated one in the place of a real one: every framing can be looked at.
    devices: demo?.reader.port ?? around.devices(),
    demoReader: NO_DEVICES,
    mode: 'real',
    profiles: await loadProfiles(around),
    frames,
    readFingerprint: options.fingerprint,
    readManagement: options.management,
    ...(choice === undefined ? {} : { profile: choice }),
  });
  try {
    return await watch(reader, frames, around, options, () => demo?.begin());
  } finally {
    demo?.end();
    await reader.stop();
    if (signal.aborted) tell(words.own.interrupted);
  }
}

const NO_DEVICES = {
  list: () => Promise.resolve([]),
  open: () => Promise.reject(new Error('no devices')),
};

function watch(
  reader: CardReader,
  frames: FrameLog,
  around: CardAround,
  options: ReadOptions,
  onWaiting: () => void,
): Promise<ExitCode> {
  const { words, tell, clock, signal } = around;
  return new Promise((resolve) => {
    let left = options.times;
    let photoBytes = 0;
    let lastError: ErrorCode | undefined;
    let said = '';
    let named = false;
    let cancel = (): void => undefined;
    const once = (line: string): void => {
      if (line !== said) tell(line);
      said = line;
    };
    const end = (code: ExitCode): void => {
      cancel();
      resolve(code);
    };
    const wait = (): void => {
      cancel();
      cancel = clock.after(options.waitSeconds * 1000, () => {
        const { error } = reader.status();
        if (error === undefined && lastError === undefined) tell(words.own.noCard(options.waitSeconds));
        end(error === undefined && lastError === undefined ? EXIT.noCard : EXIT.failed);
      });
    };

    const onState = ({ phase, error, reader: found }: ReaderState): void => {
      const code = error as ErrorCode | undefined;
      if (code !== undefined) once(words.error(code));
      // One that was there and was pulled may come back; one that never was will not.
      if (code === 'ID_CARD_READER_MISSING' && !named) {
        end(EXIT.missing);
        return;
      }
      if (phase === 'error' && isLasting(code)) {
        end(EXIT.failed);
        return;
      }
      if (phase === 'error') lastError = code;
      if (phase === 'waiting') {
        if (found && !named) tell(words.own.reader(found.name, found.profile));
        named = true;
        once(words.own.placeCard);
        onWaiting();
      }
      if (phase === 'reading') once(words.own.reading);
      if ((phase === 'read' || phase === 'lift') && left > 1) once(words.own.liftCard);
    };

    reader.onRead((card) => {
      // The photo is told right behind the text.
      queueMicrotask(() => {
        show(card, { photoBytes, readMs: readMs(card, frames) }, around, options);
        left -= 1;
        lastError = undefined;
        if (left <= 0) end(EXIT.done);
        else wait();
      });
    });
    reader.onPhoto((_, wlt) => (photoBytes = wlt?.length ?? 0));
    reader.onState(onState);
    signal.addEventListener('abort', () => end(EXIT.interrupted), { once: true });
    wait();
    void reader.start();
  });
}

/** From "card found" to the last byte. */
function readMs({ lastByteAt }: CardRead, frames: FrameLog): number {
  const found = frames.since(0).findLast(({ command, status }) => command === 'find' && status === '9F');
  return found ? Math.max(0, Math.round(lastByteAt - found.at)) : 0;
}

function show(
  { document, fingerprints, management }: CardRead,
  seen: { photoBytes: number; readMs: number },
  { words, say, tell }: CardAround,
  { reveal, json, fingerprint }: ReadOptions,
): void {
  const masked = Object.fromEntries(maskedFields(document).map(({ field, value }) => [field, value]));
  const shown = reveal ? document : { ...masked, warnings: document.warnings };
  const { iin, sn, dn } = management ?? { iin: '', sn: '', dn: '' };
  if (json) {
    const extra = { ...(fingerprints && { fingerprints }), ...(reveal && management && { management }) };
    say(JSON.stringify({ ...seen, document: shown, ...extra }));
    return;
  }
  const lines: Record<string, unknown> = { ...shown, ...(document.longTerm && { validTo: '长期' }) };
  for (const [field, value] of Object.entries(lines)) {
    if (typeof value !== 'string' || value.trim() === '') continue;
    const label = words.of(`readerPage.field.${field}`);
    say(`${label.startsWith('readerPage.') ? field : label}: ${inWords(field, value, words)}`);
  }
  if (management) say(`${words.own.cardNumber}: ${reveal ? [iin, sn, dn].join(' ').trim() || '0' : '··'}`);
  for (const warning of document.warnings) say(`! ${words.of(`cardWarning.${warning}`)}`);
  if (fingerprint) {
    const fingers = (fingerprints ?? []).map(({ fingerName, fingerCode, quality }) =>
      words.own.registered(fingerName ?? String(fingerCode), quality === null ? '' : String(quality)).trim(),
    );
    say(`${words.own.fingers}: ${fingers.join('、') || words.own.noFingers}`);
  }
  tell(words.own.readIn(seen.readMs, seen.photoBytes));
  if (!reveal) tell(words.own.masked);
}

/** Codes as the field says them; in English they stay codes, since the names are the standard's own. */
function inWords(field: string, value: string, { language }: Words): string {
  if (language === 'en') return value;
  if (field === 'type') return documentTypeName(value as DocumentType);
  if (field === 'sex') return sexName(value) ?? value;
  if (field === 'ethnicity') return ethnicityName(value) ?? value;
  return value;
}
