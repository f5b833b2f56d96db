import { CodedError } from '../../../shared/contract/errors.ts';
import type { Output, ParsedInput } from '../../../shared/contract/index.ts';
import type { JournalStatus } from '../../../shared/contract/journal.ts';
import type { Settings } from '../../../shared/contract/settings.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import { readIfThere, writeDurably } from '../settings/durable-file.ts';
import { handOnCarried } from './carried.ts';
import { openCopies } from './copies.ts';
import { exportJournal } from './export.ts';
import { nodeFiles } from './files.ts';
import { importExport } from './import.ts';
import type { Journal } from './journal.ts';
import { refillFromServer, type ServerCall } from './refill.ts';

const DAY_MS = 86_400_000;
/** After a hello the push goes first, milliseconds. */
const AFTER_HELLO_MS = 3_000;

/** Everything that keeps the journal whole beside the save path: second place, server, USB stick, retention. */
export interface JournalCare {
  status(): Promise<JournalStatus>;
  /** The server has answered a hello. */
  greeted(): void;
  export(input: ParsedInput<'journal.export'>): Promise<Output<'journal.export'>>;
  import(input: ParsedInput<'journal.import'>): Promise<Output<'journal.import'>>;
  settingsChanged(): void;
  /** @param last whether to copy once more to the second place */
  close(last: boolean): Promise<void>;
}

export async function openJournalCare(ports: {
  journal: Journal;
  profile: string;
  key: Uint8Array;
  device: { dev: string; publicKey: string; sign: (text: string) => string };
  place: () => { hall: string; station: string } | null;
  call: ServerCall;
  /** Server's clock minus ours, milliseconds; null when that is not known. */
  skewMs: () => number | null;
  settings: () => Settings['journal'];
  clock: ClockPort;
  log: LogPort;
  afterHelloMs?: number;
}): Promise<JournalCare> {
  const { journal, profile, device, clock, log, call } = ports;
  const folder = `${profile}/journal`;
  const carriedFolder = `${profile}/carried`;
  const keyPath = `${profile}/export-key.json`;
  const copies = await openCopies({
    journal,
    folder,
    statePath: `${profile}/journal-copies.json`,
    key: ports.key,
    dev: device.dev,
    hall: () => ports.place()?.hall ?? null,
    sign: (text) => device.sign(text),
    settings: ports.settings,
    clock,
    log,
  });
  let cancel: () => void = () => undefined;
  let running: Promise<void> | null = null;
  let lastWhole = -Infinity;
  let closed = false;

  async function serverKey(): Promise<string | null> {
    try {
      const kept = JSON.parse((await readIfThere(keyPath)) ?? 'null') as {
        hall?: unknown;
        key?: unknown;
      } | null;
      // Another hall's server may be another one.
      return kept?.hall === ports.place()?.hall && typeof kept?.key === 'string' ? kept.key : null;
    } catch {
      return null;
    }
  }

  async function keepServerKey(key: string): Promise<void> {
    const hall = ports.place()?.hall;
    if (hall === undefined || (await serverKey()) === key) return;
    log.write('info', 'journal', 'key for exports learnt');
    await writeDurably(keyPath, JSON.stringify({ hall, key }));
  }

  async function withServer(): Promise<void> {
    const recently = clock.monotonic() - lastWhole < DAY_MS;
    const waits = (await nodeFiles.names(carriedFolder)).some((name) => name.endsWith('.zcx'));
    if (recently && !waits && journal.missing().length === 0) return;
    const key = await refillFromServer({ journal, call, log });
    if (key !== null) await keepServerKey(key);
    if (waits) await handOnCarried({ folder: carriedFolder, files: nodeFiles, call, log });
    const skew = ports.skewMs();
    if (!recently && skew !== null) {
      const horizonMs = ports.settings().horizonDays * DAY_MS;
      await journal.retire({ serverNow: clock.now() + skew, horizonMs });
      await copies.emptyArchive();
    }
    lastWhole = clock.monotonic();
  }

  function begin(): Promise<void> {
    running ??= withServer()
      .catch((error: unknown) => {
        // The line broke, the disk is full: the next hello comes.
        log.write('warning', 'journal', 'upkeep did not end', { reason: String(error) });
      })
      .finally(() => {
        running = null;
      });
    return running;
  }

  const enrolled = (): { hall: string; station: string } => {
    const place = ports.place();
    if (!place) throw new CodedError('DEVICE_NOT_ENROLLED', 'no hall');
    return place;
  };

  return {
    status: async () => ({ ...(await journal.status()), copies: copies.state() }),
    greeted() {
      cancel();
      if (!closed) cancel = clock.after(ports.afterHelloMs ?? AFTER_HELLO_MS, () => void begin());
    },
    async export({ folder: target, all }) {
      const { hall, station } = enrolled();
      return exportJournal(journal, nodeFiles, {
        ...device,
        hall,
        station,
        key: ports.key,
        serverKey: await serverKey(),
        recoveryKey: ports.settings().recoveryKey ?? null,
        now: clock.now(),
        folder: target,
        all,
      });
    },
    async import({ file }) {
      const { hall } = enrolled();
      const taken = await importExport({
        file,
        journal,
        files: nodeFiles,
        carriedFolder,
        dev: device.dev,
        hall,
        key: ports.key,
      });
      if (!taken.held) return taken;
      const added = await handOnCarried({ folder: carriedFolder, files: nodeFiles, call, log }).catch(
        () => null,
      );
      return added === null ? taken : { ...taken, added, held: false };
    },
    settingsChanged: () => void copies.run(),
    async close(last) {
      closed = true;
      cancel();
      await running;
      await copies.close(last);
    },
  };
}
