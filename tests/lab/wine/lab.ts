import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { forkDeviceHost } from '../../../electron/adapters/device-host/host-processes.ts';
import { createDeviceHost } from '../../../electron/adapters/node/device-host.ts';
import { createSimulatedReader } from '../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import type { CardReader } from '../../../electron/core/id-card/card-reader.ts';
import { createCardReader } from '../../../electron/core/id-card/card-reader.ts';
import { loadReaderProfiles } from '../../../electron/core/id-card/load-reader-profiles.ts';
import type { ClockPort } from '../../../electron/core/ports/clock.ts';
import type { LogPort } from '../../../electron/core/ports/log.ts';
import type { CardRead } from '../../../shared/contract/card.ts';
import type { CardDocument } from '../../../shared/domain/card/document.ts';
import { parseLatestAddress } from '../../../shared/domain/card/parse-card-text.ts';
import { demoDocument, demoPerson } from '../../fixtures/cards.ts';
import type { ReaderScript } from '../../unit/id-card/library/reader-script.ts';
import { readerScript } from '../../unit/id-card/library/reader-script.ts';

/**
 * Runs under Wine with the Windows build of Node: the reader logic, the device host as a child process and makers'
 * libraries as DLLs. Arguments: the folder of the built program, of the DLLs, and of the reader profiles.
 * Each scenario is one line `LAB-RESULT name ok|failed`, the end is `LAB-END`.
 */

// Node 18 lacks it; the program asks for Node 20.
if (!Reflect.has(AbortSignal, 'any')) {
  Object.assign(AbortSignal, {
    any(signals: Iterable<AbortSignal>): AbortSignal {
      const either = new AbortController();
      for (const signal of signals) {
        if (signal.aborted) either.abort(signal.reason);
        else signal.addEventListener('abort', () => either.abort(signal.reason), { once: true });
      }
      return either.signal;
    },
  });
}

const [program = '', libraries = '', readers = ''] = process.argv.slice(2);
const today = new Date().toLocaleDateString('sv-SE');

const clock: ClockPort = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

interface Desk extends ReaderScript {
  reader: CardReader;
  reads: CardRead[];
  phases: string[];
  lines: string[];
  /** Waits for this phase, with its error behind a colon. */
  reaches: (phase: string, limitMs?: number) => Promise<void>;
}

/** One scenario with a DLL in a folder of its own, whose name is as Chinese makers name theirs. */
async function scenario(name: string, file: string, run: (desk: Desk) => Promise<void>): Promise<void> {
  const folder = join(libraries, `读卡器 ${name}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const path = join(folder, file);
  copyFileSync(join(libraries, file), path);
  copyFileSync(join(libraries, 'helper.dll'), join(folder, 'helper.dll'));

  const lines: string[] = [];
  const log: LogPort = {
    write: (level, _area, text, data) => void lines.push(`${level} ${text} ${JSON.stringify(data ?? {})}`),
  };
  const devices = createDeviceHost({
    clock,
    log,
    spawn: () => forkDeviceHost(join(program, 'device-host.js')),
  });
  const reader = createCardReader({
    clock,
    log,
    devices,
    demoReader: createSimulatedReader({ clock }).port,
    mode: 'real',
    profiles: await loadReaderProfiles([readers], log),
    profile: `${file.startsWith('termb') ? 'termb' : 'sdtapi'}@${path}`,
  });
  const reads: CardRead[] = [];
  const phases: string[] = [];
  reader.onRead((read) => void reads.push(read));
  reader.onState(({ phase, error }) => void phases.push(error === undefined ? phase : `${phase}:${error}`));
  const reaches = (phase: string, limitMs = 15_000): Promise<void> =>
    until(
      () => phases.at(-1) === phase,
      limitMs,
      () => `${phase} was not reached: ${phases.join(' ')}`,
    );

  let failure: unknown;
  await reader.start();
  try {
    await run({ reader, reads, phases, lines, reaches, ...readerScript(folder) });
  } catch (error) {
    failure = error;
  }
  await reader.stop();
  await devices.close();
  console.log(`LAB-RESULT ${failure === undefined ? 'ok' : 'failed'} ${name}`);
  if (failure === undefined) return;
  process.exitCode = 1;
  console.log(failure, lines.join('\n'));
}

async function until(holds: () => boolean, limitMs: number, otherwise: () => string): Promise<void> {
  const began = performance.now();
  while (!holds()) {
    if (performance.now() - began > limitMs) throw new Error(otherwise());
    await new Promise((resolve) => void setTimeout(resolve, 20));
  }
}

function expectSame(actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${a} is not ${b}`);
}

function documentOf(person: string, withAddress: boolean): CardDocument {
  const { appended } = demoPerson(person);
  const document = demoDocument(person, today);
  return appended && withAddress ? { ...document, latestAddress: parseLatestAddress(appended) } : document;
}

for (const file of ['sdtapi.dll', 'termb.dll']) {
  await scenario(
    `${file} reads every type of document`,
    file,
    async ({ plug, place, lift, reaches, reads }) => {
      plug(1003);
      await reaches('waiting');
      for (const person of ['yi', 'rare', 'macao', 'foreign-2017', 'foreign-2023']) {
        const before = reads.length;
        place(person);
        await until(
          () => reads.length > before,
          15_000,
          () => `${person} was not read`,
        );
        expectSame(reads.at(-1)?.document, documentOf(person, file === 'sdtapi.dll'));
        lift();
        await reaches('waiting');
      }
    },
  );
}

await scenario('a card left lying is one event', 'sdtapi.dll', async ({ plug, place, reaches, reads }) => {
  plug(1001);
  await reaches('waiting');
  place('jia');
  await reaches('lift');
  expectSame(reads.length, 1);
});

await scenario('unplugged and plugged in again', 'sdtapi.dll', async ({ plug, place, reaches, reads }) => {
  plug(1001);
  await reaches('waiting');
  plug(null);
  await reaches('connecting:ID_CARD_READER_MISSING');
  plug(1005);
  place('x');
  await reaches('read', 20_000);
  expectSame(reads[0]?.document, documentOf('x', true));
});

await scenario('a crash in the DLL', 'sdtapi.dll', async ({ plug, place, fault, reaches, reads, lines }) => {
  plug(1001);
  await reaches('waiting');
  fault('SDT_ReadBaseMsg crash 0');
  place('jia');
  await until(
    () => lines.some((line) => line.includes('the device host ended')),
    15_000,
    () => 'no crash',
  );
  fault();
  await reaches('read', 20_000);
  expectSame(reads.length, 1);
});

await scenario('a DLL for 32 bits', 'sdtapi32.dll', async ({ plug, reaches, lines, calls }) => {
  plug(1001);
  await reaches('error:ID_CARD_DRIVER_32BIT');
  const words = 'sdtapi32.dll: it is a 32-bit library (ia32), and this program is a 64-bit one (x64)';
  if (!lines.some((line) => line.includes(words))) throw new Error(lines.join('\n'));
  expectSame(calls(), []);
});

await scenario('a DLL that needs another one', 'sdtapi-needs-other.dll', async ({ reaches, lines }) => {
  await reaches('error:ID_CARD_DRIVER_MISSING');
  if (!lines.some((line) => line.includes('cannot be loaded'))) throw new Error(lines.join('\n'));
});

await scenario(
  'a DLL that loads another one from its folder while running',
  'sdtapi-loads-helper.dll',
  async ({ plug, reaches }) => {
    plug(1001);
    await reaches('waiting');
  },
);

console.log('LAB-END');
process.exit();
