import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Events } from '../../shared/contract/index.ts';
import type { EventName } from '../../shared/contract/names.ts';
import type { Settings, SettingsChange } from '../../shared/contract/settings.ts';
import { createCentral, type Central } from './central/central.ts';
import { openDeviceFile, type DeviceFile } from './central/device-file.ts';
import { openDeviceKey, type DeviceKey } from './central/device-key.ts';
import type { CorePorts } from './ports/core-ports.ts';
import { createCardPhotos, type CardPhotos } from './id-card/card-photos.ts';
import { startHallData, type HallData } from './hall-data.ts';
import { createFrameLog } from './id-card/admin/frame-log.ts';
import { createReaderAdmin, type ReaderAdmin } from './id-card/admin/reader-admin.ts';
import { createCardReader, type CardReader } from './id-card/card-reader.ts';
import { loadReaderProfiles, profileIdsIn } from './id-card/load-reader-profiles.ts';
import type { ReaderProfile } from './id-card/reader-profile.ts';
import { openJournalCare, type JournalCare } from './journal/care.ts';
import { openJournal, type Journal } from './journal/journal.ts';
import type { PrinterCondition, PrinterPort } from './ports/printer.ts';
import type { SecretsPort } from './ports/secrets.ts';
import { createSpool, type Spool } from './printing/spool.ts';
import {
  machinePolicyPath,
  openSettings,
  type SettingsStore,
  type SettingsView,
} from './settings/settings-store.ts';

/** Everything the machine runs, once it runs. */
export interface Services {
  settings: SettingsStore;
  journal: Journal;
  care: JournalCare;
  deviceFile: DeviceFile;
  central: Central;
  reader: CardReader;
  readerAdmin: ReaderAdmin;
  photos: CardPhotos;
  spool: Spool;
  hallData: HallData;
  printer(): PrinterPort;
  /** The printer in use, or one that is only being thought of: that one is opened for the question alone. */
  checkPrinter(settings: Settings['printer'] | undefined): Promise<PrinterCondition>;
  /** Keys of the window's store, base64. */
  windowKeys: { sealKey: string; lookupKey: string };
  notices(): string[];
  changeSettings(change: SettingsChange): Promise<SettingsView>;
  /** Ends everything; whatever does not end in time is left behind and logged. */
  stop(): Promise<void>;
}

export type Emit = <E extends EventName>(name: E, payload: Events[E]) => void;

/** Devices and the line get so long to end, then the journal, milliseconds: together under the five seconds of `stop`. */
const DEVICES_LIMIT_MS = 3000;
const JOURNAL_LIMIT_MS = 1500;

/** Starts the machine's services in the order they need one another. On a failure what had started is ended again. */
export async function startServices(ports: CorePorts, emit: Emit): Promise<Services> {
  const { clock, log, paths, secrets } = ports;
  const [settings, key, journalKey, spoolKey, sealKey, lookupKey, hallKey, profiles, ownProfiles] =
    await Promise.all([
      openSettings({
        path: join(paths.profile, 'settings.json'),
        policyPath: ports.policyPath ?? machinePolicyPath(process.platform, process.env),
        clock,
        log,
      }),
      openDeviceKey(secrets),
      secretKey(secrets, 'journal-key'),
      secretKey(secrets, 'spool-key'),
      secretKey(secrets, 'seal-key'),
      secretKey(secrets, 'lookup-key'),
      secretKey(secrets, 'hall-key'),
      loadReaderProfiles([join(paths.resources, 'readers'), join(paths.profile, 'readers')], log),
      profileIdsIn(join(paths.profile, 'readers')),
    ]);
  const deviceFile = await openDeviceFile({ profile: paths.profile, dev: key.dev, clock, log });
  const device = deviceFile.current()?.device;
  const journal = await openJournal({
    folder: join(paths.profile, 'journal'),
    memoryPath: join(paths.profile, 'journal-head.json'),
    key: journalKey,
    clock,
    log,
    dev: key.dev,
    place: device ? { hall: device.hall, dev: device.dev, station: device.station } : null,
    ...(ports.journalLimits ?? {}),
  });
  try {
    return await startAround(
      {
        journal,
        settings,
        deviceFile,
        key,
        profiles,
        ownProfiles,
        journalKey,
        spoolKey,
        sealKey,
        lookupKey,
        hallKey,
      },
      ports,
      emit,
    );
  } catch (error) {
    await journal.close();
    throw error;
  }
}

interface Opened {
  journal: Journal;
  settings: SettingsStore;
  deviceFile: DeviceFile;
  key: DeviceKey;
  profiles: ReaderProfile[];
  ownProfiles: ReadonlySet<string>;
  journalKey: Uint8Array;
  spoolKey: Uint8Array;
  sealKey: Uint8Array;
  lookupKey: Uint8Array;
  hallKey: Uint8Array;
}

/** Line, reader and spool, around the open journal. */
async function startAround(opened: Opened, ports: CorePorts, emit: Emit): Promise<Services> {
  const { journal, settings, deviceFile, key } = opened;
  const { clock, log, paths } = ports;
  const later: string[] = [];
  const central = createCentral({
    http: ports.http,
    clock,
    log,
    journal,
    key,
    deviceFile,
    version: ports.version,
    onState: (state) => emit('central.state', state),
    onHint(head) {
      emit('central.hint', { head });
      hallData.nudge();
    },
    onNotice: (name) => {
      if (!later.includes(name)) later.push(name);
    },
  });
  const hallData = await startHallData(ports, { central, deviceFile, key: opened.hallKey, emit });
  const now = (): Settings => settings.read().settings;
  const care = await openJournalCare({
    journal,
    profile: paths.profile,
    key: opened.journalKey,
    device: { dev: key.dev, publicKey: key.publicKey, sign: (text) => key.sign(text) },
    place: () => deviceFile.current()?.device ?? null,
    call: (call) => central.call(call),
    skewMs: () => central.skewMs(),
    settings: () => now().journal,
    clock,
    log,
    ...ports.journalLimits,
  });
  let printer = ports.openPrinter(now().printer);
  const spool = createSpool({
    folder: join(paths.profile, 'spool'),
    papers: paths.papers,
    clock,
    log,
    printer: () => printer,
    settings: () => now().printer,
    renderJob: (bytes, dots) => ports.renderJob(bytes, dots),
    sealKey: opened.spoolKey,
  });
  const { mode, profile } = now().reader;
  const frames = createFrameLog(clock);
  const reader = createCardReader({
    clock,
    log,
    devices: ports.devices,
    demoReader: ports.demoReader,
    mode,
    profiles: opened.profiles,
    frames,
    ...(profile === undefined ? {} : { profile }),
  });
  const readerAdmin = createReaderAdmin({
    clock,
    log,
    devices: ports.devices,
    reader,
    frames,
    profiles: opened.profiles,
    ownProfiles: opened.ownProfiles,
  });
  spool.onSheet((sheet) => emit('print.state', sheet));
  reader.onState((state) => emit('card.state', state));
  reader.onRead((read) => emit('card.read', read));
  const photos = createCardPhotos({
    decoder: ports.openPhotoDecoder(now().photo),
    clock,
    log,
    onPhoto: (photo) => emit('card.photo', photo),
  });
  reader.onPhoto((readId, wlt) => photos.take(readId, wlt));

  async function stop(): Promise<void> {
    const ends: [string, () => Promise<unknown>][] = [
      ['line', () => central.stop()],
      ['hall data', () => hallData.stop()],
      ['reader', () => reader.stop()],
      ['photo', () => photos.close()],
      ['journal care', () => care.close(true)],
      ['spool', () => spool.close().then(() => printer.close())],
    ];
    await Promise.all(ends.map(([name, end]) => within(name, DEVICES_LIMIT_MS, end)));
    await within('journal', JOURNAL_LIMIT_MS, () => journal.close());
  }

  async function within(name: string, ms: number, end: () => Promise<unknown>): Promise<void> {
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(ms, () => {
        log.write('error', 'core', 'did not end in time', { name });
        resolve();
      });
    });
    const done = end().catch((error: unknown) =>
      log.write('error', 'core', 'did not end well', { name, reason: String(error) }),
    );
    await Promise.race([done, late]);
    cancel();
  }

  try {
    await spool.open();
    await reader.start();
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    settings,
    journal,
    deviceFile,
    central,
    reader,
    readerAdmin,
    photos,
    spool,
    hallData,
    printer: () => printer,
    async checkPrinter(wanted) {
      if (wanted === undefined || !differ(wanted, now().printer)) return printer.check();
      const tried = ports.openPrinter(wanted);
      try {
        return await tried.check();
      } finally {
        await tried.close();
      }
    },
    windowKeys: { sealKey: base64(opened.sealKey), lookupKey: base64(opened.lookupKey) },
    care,
    notices: () => [...settings.notices, ...deviceFile.notices, ...journal.notices, ...later],
    async changeSettings(change) {
      const before = now();
      const view = await settings.write(change);
      const after = view.settings;
      if (differ(before.journal, after.journal)) care.settingsChanged();
      if (differ(before.printer, after.printer)) {
        const old = printer;
        printer = ports.openPrinter(after.printer);
        await old.close();
        spool.tryNow();
      }
      if (differ(before.reader, after.reader)) await reader.setMode(after.reader.mode, after.reader.profile);
      if (differ(before.photo, after.photo)) await photos.use(ports.openPhotoDecoder(after.photo));
      if (differ(before, after)) emit('settings.changed', after);
      return view;
    },
    stop,
  };
}

/** @returns 32 random bytes, made once and kept by the shell's secret store */
async function secretKey(secrets: SecretsPort, name: string): Promise<Uint8Array> {
  const kept = await secrets.read(name);
  if (kept?.length === 32) return kept;
  const fresh = new Uint8Array(randomBytes(32));
  await secrets.write(name, fresh);
  return fresh;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const differ = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);
