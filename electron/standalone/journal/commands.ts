import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openDeviceFile } from '../../core/central/device-file.ts';
import { openDeviceKey } from '../../core/central/device-key.ts';
import { openJournalCare } from '../../core/journal/care.ts';
import { nodeFiles } from '../../core/journal/files.ts';
import { openJournal, type Journal } from '../../core/journal/journal.ts';
import { datedFolders, eventsOfCopies } from '../../core/journal/open-copies.ts';
import { makeRecoveryKey, readPrivateKey } from '../../core/journal/sealed-key.ts';
import { verifySegments } from '../../core/journal/verify.ts';
import type { ClockPort } from '../../core/ports/clock.ts';
import type { LogPort } from '../../core/ports/log.ts';
import type { SecretsPort } from '../../core/ports/secrets.ts';
import { openSettings } from '../../core/settings/settings-store.ts';
import { CodedError } from '../../../shared/contract/errors.ts';

export interface JournalAround {
  profile: string;
  policyPath: string;
  secrets: SecretsPort;
  clock: ClockPort;
  log: LogPort;
  /** One line of the result (stdout). */
  say: (line: string) => void;
}

const PAGE = 500;

async function journalKey(secrets: SecretsPort): Promise<Uint8Array> {
  const key = await secrets.read('journal-key');
  // In Electron the system's keyring has it, and only the program itself is given it.
  if (!key) throw new CodedError('SECRETS_LOCKED', 'no key in this profile');
  return key;
}

/** @returns false when something is not as it should be */
export async function verify({ profile, secrets, say }: JournalAround): Promise<boolean> {
  const reports = await verifySegments(nodeFiles, `${profile}/journal`, await journalKey(secrets));
  for (const { name, inc, events, firstSeq, lastSeq, faults } of reports) {
    const range = events === 0 ? '-' : `${firstSeq}–${lastSeq}`;
    say(
      `${name}  ${inc.slice(0, 8)}  ${range}  ${events}  ${faults.length === 0 ? 'ok' : faults.join('; ')}`,
    );
  }
  const events = reports.reduce((sum, report) => sum + report.events, 0);
  const faults = reports.reduce((sum, report) => sum + report.faults.length, 0);
  say(`共 ${events} 条,问题 ${faults} 处  ${events} events, ${faults} faults`);
  return faults === 0;
}

/** Opens the journal as the program does; its lock keeps the two apart. */
async function withJournal<T>(
  around: JournalAround,
  work: (journal: Journal, care: Awaited<ReturnType<typeof openJournalCare>>) => Promise<T>,
): Promise<T> {
  const { profile, secrets, clock, log } = around;
  const key = await journalKey(secrets);
  const device = await openDeviceKey(secrets);
  const deviceFile = await openDeviceFile({ profile, dev: device.dev, clock, log });
  const place = deviceFile.current()?.device ?? null;
  const settings = await openSettings({
    path: `${profile}/settings.json`,
    policyPath: around.policyPath,
    clock,
    log,
  });
  const journal = await openJournal({
    folder: `${profile}/journal`,
    memoryPath: `${profile}/journal-head.json`,
    key,
    clock,
    log,
    dev: device.dev,
    place: place && { hall: place.hall, dev: place.dev, station: place.station },
  });
  try {
    const care = await openJournalCare({
      journal,
      profile,
      key,
      device: { dev: device.dev, publicKey: device.publicKey, sign: (text) => device.sign(text) },
      place: () => place,
      call: () => Promise.reject(new CodedError('CENTRAL_UNREACHABLE', 'no line here')),
      skewMs: () => null,
      settings: () => settings.read().settings.journal,
      clock,
      log,
    });
    try {
      return await work(journal, care);
    } finally {
      await care.close(false);
    }
  } finally {
    await journal.close();
  }
}

export const exportTo = (around: JournalAround, folder: string, all: boolean): Promise<void> =>
  withJournal(around, async (_, care) => {
    const { file, events, bytes } = await care.export({ folder: resolve(folder), all });
    around.say(`${file}  ${events} 条  ${events} events, ${(bytes / 1e6).toFixed(1)} MB`);
  });

export const importFrom = (around: JournalAround, paths: readonly string[]): Promise<void> =>
  withJournal(around, async (_, care) => {
    for (const path of paths) {
      const { events, added, held } = await care.import({ file: resolve(path) });
      around.say(
        held
          ? `${path}  ${events} 条,联网后转交服务器  ${events} events, handed to the server when online`
          : `${path}  ${events} 条,补回 ${added} 条  ${events} events, ${added} written back`,
      );
    }
  });

export const restoreFrom = (around: JournalAround, folder: string): Promise<void> =>
  withJournal(around, async (journal) => {
    const key = await journalKey(around.secrets);
    let taken = 0;
    for (const dated of await datedFolders(nodeFiles, resolve(folder))) {
      const read = await eventsOfCopies(nodeFiles, dated, { journalKey: key });
      for (const fault of read?.faults ?? []) around.say(`${dated}/${fault}`);
      for (let at = 0; at < (read?.events.length ?? 0); at += PAGE)
        taken += await journal.restore(read?.events.slice(at, at + PAGE) ?? []);
    }
    around.say(`补回 ${taken} 条  ${taken} events written back`);
    for (const { inc, from, to } of journal.missing())
      around.say(`仍缺 still missing  ${inc.slice(0, 8)}:${from}–${to}`);
  });

/** Writes a file nobody else may read; one that is there is never replaced. */
async function writePrivate(path: string, text: string): Promise<void> {
  const file = await open(resolve(path), 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

export async function recoveryKey({ say }: Pick<JournalAround, 'say'>, out: string): Promise<void> {
  const { privatePem, publicKey } = makeRecoveryKey();
  await writePrivate(out, privatePem);
  say(publicKey);
}

/** @returns false when the key opens none of the folders */
export async function openCopies(
  { say }: Pick<JournalAround, 'say'>,
  of: { from: string; key: string; out: string },
): Promise<boolean> {
  const privateKey = readPrivateKey(Buffer.from(await nodeFiles.readAll(resolve(of.key))).toString('utf8'));
  const lines = new Map<string, string>();
  let opened = 0;
  for (const dated of await datedFolders(nodeFiles, resolve(of.from))) {
    const read = await eventsOfCopies(nodeFiles, dated, { recoveryKey: privateKey });
    if (!read) continue;
    opened++;
    for (const fault of read.faults) say(`${dated}/${fault}`);
    for (const { bytes, hash } of read.events) lines.set(hash, bytes);
  }
  if (opened === 0) return false;
  await writePrivate(of.out, [...lines.values()].map((line) => `${line}\n`).join(''));
  say(`${of.out}  ${lines.size} 条  ${lines.size} events`);
  return true;
}
