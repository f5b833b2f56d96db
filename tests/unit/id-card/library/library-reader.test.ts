import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCardReader } from '../../../../electron/core/id-card/card-reader.ts';
import type { CardReader } from '../../../../electron/core/id-card/card-reader.ts';
import { loadReaderProfiles } from '../../../../electron/core/id-card/load-reader-profiles.ts';
import type { ReaderProfile } from '../../../../electron/core/id-card/reader-profile.ts';
import { createSimulatedReader } from '../../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import type { CardRead, ReaderState } from '../../../../shared/contract/card.ts';
import { parseLatestAddress } from '../../../../shared/domain/card/parse-card-text.ts';
import type { CardDocument } from '../../../../shared/domain/card/document.ts';
import { demoDocument, demoPerson } from '../../../fixtures/cards.ts';
import { cannotCompile } from '../../../fixtures/native/compile.ts';
import type { RunningHost, ScriptedReader } from './scripted-reader.ts';
import { buildDeviceHost, realClock, runHost, scriptedReader } from './scripted-reader.ts';

/** The whole way: the reader logic, the device host's process, the shipped profile, and a library in C. */
interface Desk {
  reader: CardReader;
  library: ScriptedReader;
  host: RunningHost;
  reads: CardRead[];
  photos: Buffer[];
  phases: () => string[];
  waitFor: (phase: string, limitMs?: number) => Promise<void>;
}

const today = new Date().toLocaleDateString('sv-SE');

/** What the program makes of an invented person's card; 华视's functions do not give appended addresses. */
function documentOf(person: string, withAddress = true): CardDocument {
  const { appended } = demoPerson(person);
  const document = demoDocument(person, today);
  return appended && withAddress ? { ...document, latestAddress: parseLatestAddress(appended) } : document;
}

/** `expect.poll` knows only tests that run alone. */
function until<T>(value: () => T, wanted: T, limitMs: number): Promise<void> {
  return vi.waitFor(() => expect(value()).toBe(wanted), { timeout: limitMs, interval: 20 });
}

describe.skipIf(cannotCompile !== null)(
  "a card on a reader behind its maker's library",
  { timeout: 30_000, concurrent: true },
  () => {
    let entry = '';
    let profiles: readonly ReaderProfile[] = [];
    const desks: Desk[] = [];

    beforeAll(async () => {
      entry = await buildDeviceHost('library-reader');
      const nowhere = { write: () => undefined };
      profiles = await loadReaderProfiles(
        [new URL('../../../../resources/readers', import.meta.url).pathname],
        nowhere,
      );
    });
    afterAll(async () => {
      for (const { reader, host, library } of desks.splice(0)) {
        await reader.stop();
        await host.devices.close();
        library.remove();
      }
    });

    const desk = async (
      family: 'sdtapi' | 'termb',
      options: { limitsMs?: ReaderProfile['limitsMs']; port?: number | null; path?: string } = {},
    ): Promise<Desk> => {
      const library = scriptedReader(`${family}.c`);
      library.plug(options.port === undefined ? 1001 : options.port);
      const host = runHost(entry);
      const reader = createCardReader({
        clock: realClock,
        log: host.log,
        devices: host.devices,
        demoReader: createSimulatedReader({ clock: realClock }).port,
        mode: 'real',
        profiles: profiles.map((p) => ({ ...p, limitsMs: { ...p.limitsMs, ...options.limitsMs } })),
        profile: `${family}@${options.path ?? library.path}`,
      });
      const reads: CardRead[] = [];
      const states: ReaderState[] = [];
      const photos: Buffer[] = [];
      reader.onRead((read) => void reads.push(read));
      reader.onPhoto((_readId, wlt) => photos.push(Buffer.from(wlt ?? [])));
      reader.onState((state) => void states.push(state));
      const phases = (): string[] =>
        states.map(({ phase, error }) => (error === undefined ? phase : `${phase}:${error}`));
      const made: Desk = {
        reader,
        library,
        host,
        reads,
        photos,
        phases,
        async waitFor(phase, limitMs = 10_000) {
          await until(() => phases().at(-1), phase, limitMs);
        },
      };
      desks.push(made);
      await reader.start();
      return made;
    };

    it('is read, stays one event while it lies there, is lifted, and a second one is read', async () => {
      const { library, reads, photos, waitFor, phases, host } = await desk('sdtapi', { port: 1002 });
      await waitFor('waiting');
      library.place('yi');
      await waitFor('read');
      expect(reads[0]!.document).toEqual(documentOf('yi'));
      expect(reads[0]!.document.latestAddress).toContain('临平区');
      expect(photos).toEqual([Buffer.from(demoPerson('yi').photo)]);
      await waitFor('lift');
      expect(reads).toHaveLength(1);
      library.lift();
      await waitFor('waiting');
      library.place('taiwan');
      await waitFor('read');
      expect(reads).toHaveLength(2);
      expect(reads[1]!.document).toEqual(documentOf('taiwan'));
      // Exchanged without an empty reader in between.
      library.place('foreign-2023');
      await until(() => reads.length, 3, 10_000);
      expect(reads[2]!.document).toEqual(documentOf('foreign-2023'));
      expect(phases().filter((phase) => phase.startsWith('error'))).toEqual([]);
      expect(host.started).toHaveLength(1);
      expect(JSON.stringify(host.lines)).not.toContain(demoDocument('yi').number);
    });

    it('every type of document is read exactly through either family', async () => {
      for (const family of ['sdtapi', 'termb'] as const) {
        const { library, reads, waitFor } = await desk(family);
        await waitFor('waiting');
        for (const id of ['jia', 'rare', 'macao', 'foreign-2017', 'foreign-2023']) {
          const before = reads.length;
          library.place(id);
          await until(() => reads.length, before + 1, 10_000);
          // 华视's functions do not tell whether a read card still lies there, so the exchange has to be slower.
          if (family === 'termb') await waitFor('waiting');
          expect(reads.at(-1)!.document).toEqual(documentOf(id, family === 'sdtapi'));
        }
      }
    });

    it('lifted during the reading it says so, and the next try works', async () => {
      const { library, reads, waitFor } = await desk('sdtapi');
      await waitFor('waiting');
      library.fault('SDT_ReadBaseMsg return 65', 'SDT_ReadBaseMsg sleep 150');
      library.place('jia');
      await waitFor('reading');
      library.lift();
      await waitFor('error:ID_CARD_LIFTED');
      library.fault();
      library.place('jia');
      await waitFor('read');
      expect(reads).toHaveLength(1);
    });

    it('a lost answer and a damaged one are asked for again', async () => {
      const { library, reads, waitFor } = await desk('sdtapi', { limitsMs: { select: 300 } });
      await waitFor('waiting');
      for (const code of [2, 3]) {
        library.fault(`SDT_SelectIDCard return ${code}`);
        library.place('jia');
        await waitFor('reading');
        library.fault();
        await waitFor('read');
        library.lift();
        await waitFor('waiting');
      }
      expect(reads).toHaveLength(2);
    });

    it('unplugged and plugged into another port it goes on', async () => {
      const { library, reads, waitFor } = await desk('sdtapi');
      await waitFor('waiting');
      library.plug(null);
      await waitFor('connecting:ID_CARD_READER_MISSING');
      library.plug(1006);
      library.place('x');
      await waitFor('read', 15_000);
      expect(reads[0]!.document).toEqual(documentOf('x'));
    });

    it('a call that hangs costs the host process, not the program', async () => {
      const { library, reads, waitFor, host } = await desk('sdtapi', { limitsMs: { find: 300 } });
      await waitFor('waiting');
      library.fault('SDT_StartFindIDCard sleep 10000');
      await until(() => host.started.length, 2, 10_000);
      expect(host.lines.some(({ data }) => JSON.stringify(data).includes('close hangs'))).toBe(true);
      library.fault();
      library.place('jia');
      await waitFor('read', 15_000);
      expect(reads).toHaveLength(1);
    });

    it('one crash is got over, three in a minute are not tried again', async () => {
      const { library, reads, waitFor, host, phases } = await desk('sdtapi');
      await waitFor('waiting');
      library.fault('SDT_ReadBaseMsg crash 0');
      library.place('jia');
      await until(() => host.started.length, 2, 10_000);
      library.fault();
      await waitFor('read', 10_000);
      expect(reads).toHaveLength(1);
      library.fault('SDT_GetSAMStatus crash 0', 'SDT_ReadNewAppMsg crash 0');
      await waitFor('error:ID_CARD_DRIVER_CRASHED', 20_000);
      expect(host.started).toHaveLength(3);
      expect(phases().filter((phase) => phase === 'read')).toHaveLength(1);
    });

    it('what is wrong with the file is on the screen', async () => {
      const nothing = await desk('sdtapi', { path: '/no/such/folder/sdtapi.so' });
      await nothing.waitFor('error:ID_CARD_DRIVER_MISSING');
      const wrong = await desk('sdtapi', { path: process.execPath });
      await wrong.waitFor('error:ID_CARD_DRIVER_MISSING');
      expect(JSON.stringify(wrong.host.lines)).toContain('not a library');
    });
  },
);
