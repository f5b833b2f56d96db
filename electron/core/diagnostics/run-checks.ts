import { rm } from 'node:fs/promises';
import type { ReaderState } from '../../../shared/contract/card.ts';
import type { LineState } from '../../../shared/contract/central.ts';
import type { Check } from '../../../shared/contract/diagnostics.ts';
import type { JournalStatus } from '../../../shared/contract/journal.ts';
import type { Sheet } from '../../../shared/contract/print.ts';
import { maskText } from '../../../shared/domain/masking/mask.ts';
import type { PrinterPort } from '../ports/printer.ts';
import type { SecretsPort } from '../ports/secrets.ts';
import { writeDurably } from '../settings/durable-file.ts';

/** What the checks look at; each may fail, which is then the check's result. */
export interface Checked {
  profile: string;
  journal: () => Promise<JournalStatus>;
  /** What the start put right, see `app.boot`. */
  notices: () => readonly string[];
  reader: () => ReaderState;
  printer: () => PrinterPort;
  sheets: () => Sheet[];
  line: () => LineState;
  protection: SecretsPort['protection'];
  /** Server's clock minus ours, milliseconds; null when no hello was said yet. */
  skewMs: () => number | null;
}

type Outcome = [result: Check['result'], detail: string];

const GB = 1024 ** 3;
/** Below this the admin should make room; below the second the next case may not find any. */
const LITTLE_BYTES = GB;
const HARDLY_BYTES = 200 * 1024 ** 2;
/** A flush slower than this is felt at every save. */
const SLOW_SYNC_MS = 200;
/** Clocks further apart make times on paper doubtful (sync.md fault 11); sync itself does not mind. */
const SKEW_MS = 2 * 60_000;

/** The numbers are stable for ever: support asks for them on the telephone. */
const CHECKS: { no: number; name: string; run: (of: Checked) => Outcome | Promise<Outcome> }[] = [
  { no: 1, name: 'profile', run: checkProfile },
  { no: 2, name: 'journal', run: checkJournal },
  { no: 3, name: 'reader', run: checkReader },
  { no: 4, name: 'printer', run: checkPrinter },
  { no: 5, name: 'central', run: checkLine },
  { no: 6, name: 'secrets', run: checkSecrets },
  { no: 7, name: 'clock', run: checkClock },
  { no: 8, name: 'journal-copies', run: checkCopies },
];

/** Looks at everything a hall PC needs. One check that throws does not stop the others. */
export function runChecks(of: Checked): Promise<Check[]> {
  return Promise.all(
    CHECKS.map(async ({ no, name, run }) => {
      let outcome: Outcome;
      try {
        outcome = await run(of);
      } catch (error) {
        outcome = ['failed', String(error)];
      }
      return { no, name, result: outcome[0], detail: maskText(outcome[1]) };
    }),
  );
}

async function checkProfile({ profile, journal }: Checked): Promise<Outcome> {
  const probe = `${profile}/.write-check`;
  await writeDurably(probe, 'ok');
  await rm(probe, { force: true });
  const { freeBytes } = await journal();
  const result = freeBytes < HARDLY_BYTES ? 'failed' : freeBytes < LITTLE_BYTES ? 'warning' : 'ok';
  return [result, `writable; ${(freeBytes / GB).toFixed(1)} GB free`];
}

async function checkJournal({ journal, notices }: Checked): Promise<Outcome> {
  const { head, segments, bytes, lastSyncMs, reserve, incarnations, unsent, stuck, missing } =
    await journal();
  const trouble = notices().filter((name) => name.startsWith('journal-'));
  const detail = [
    head.inc === '' ? 'not enrolled' : `head ${head.inc.slice(0, 8)}:${head.seq}`,
    `${segments} segments, ${(bytes / 1024 ** 2).toFixed(1)} MB, ${incarnations} incarnations`,
    lastSyncMs === null ? 'nothing written yet' : `last flush ${lastSyncMs.toFixed(1)} ms`,
    `reserve ${reserve}`,
    `${unsent} unsent`,
    ...(stuck > 0 ? [`${stuck} of another enrolment, not sent`] : []),
    ...missing.slice(0, 5).map(({ inc, from, to }) => `missing ${inc.slice(0, 8)}:${from}-${to}`),
    ...trouble,
  ].join('; ');
  if (reserve === 'released') return ['failed', detail];
  const doubtful =
    reserve === 'missing' ||
    (lastSyncMs ?? 0) > SLOW_SYNC_MS ||
    stuck > 0 ||
    missing.length > 0 ||
    trouble.length > 0;
  return [doubtful ? 'warning' : 'ok', detail];
}

/** No second place is a choice of the hall's; one that is set and not reached is not. */
async function checkCopies({ journal }: Checked): Promise<Outcome> {
  const { folder, lastAt, files, error } = (await journal()).copies;
  if (folder === null) return ['ok', 'no second place set'];
  const when = lastAt === null ? 'never copied' : `copied ${new Date(lastAt).toISOString()}`;
  const detail = [folder, when, `${files} files`, error ?? ''].filter((part) => part !== '').join('; ');
  return [error !== null ? 'failed' : lastAt === null ? 'warning' : 'ok', detail];
}

function checkReader({ reader }: Checked): Outcome {
  const { phase, error, reader: device } = reader();
  const detail = [
    device ? `${device.name} (${device.profile}${device.demo ? ', demo' : ''})` : 'no reader',
    phase,
    error ?? '',
  ];
  const result =
    phase === 'error' ? 'failed' : phase === 'absent' || phase === 'connecting' ? 'warning' : 'ok';
  return [result, detail.filter((part) => part !== '').join('; ')];
}

function checkPrinter({ printer, sheets }: Checked): Outcome {
  const { name, virtual } = printer();
  const count = (state: Sheet['state']): number => sheets().filter((sheet) => sheet.state === state).length;
  const [failed, uncertain, queued] = [count('failed-before-send'), count('uncertain'), count('queued')];
  const detail = `${name}${virtual ? ' (virtual)' : ''}; ${queued} waiting, ${failed} failed, ${uncertain} uncertain`;
  return [failed > 0 ? 'failed' : uncertain > 0 ? 'warning' : 'ok', detail];
}

function checkLine({ line }: Checked): Outcome {
  const { server, state, error, lastAnswerAt, acknowledgedSeq } = line();
  const heard = lastAnswerAt === null ? 'never heard' : `last answer ${new Date(lastAnswerAt).toISOString()}`;
  const detail = [server ?? 'no server', state, error ?? '', heard, `acknowledged ${acknowledgedSeq}`];
  const result = state === 'online' ? 'ok' : state === 'refused' ? 'failed' : 'warning';
  return [result, detail.filter((part) => part !== '').join('; ')];
}

function checkSecrets({ protection }: Checked): Outcome {
  return protection === 'os-keyring'
    ? ['ok', 'kept by the system']
    : ['warning', 'kept in a file only this user may read'];
}

function checkClock({ skewMs }: Checked): Outcome {
  const skew = skewMs();
  if (skew === null) return ['warning', 'not compared with a server yet'];
  const seconds = Math.round(skew / 1000);
  return [
    Math.abs(skew) > SKEW_MS ? 'warning' : 'ok',
    `server is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead'}`,
  ];
}
