import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { build } from 'vite';
import { forkDeviceHost } from '../../../../electron/adapters/device-host/host-processes.ts';
import type { HostProcess } from '../../../../electron/adapters/device-host/messages.ts';
import { createDeviceHost } from '../../../../electron/adapters/node/device-host.ts';
import type { ClockPort } from '../../../../electron/core/ports/clock.ts';
import type { LogPort } from '../../../../electron/core/ports/log.ts';
import { compileLibrary } from '../../../fixtures/native/compile.ts';
import type { ReaderScript } from './reader-script.ts';
import { readerScript } from './reader-script.ts';

const root = resolve(import.meta.dirname, '../../../..');

/** A maker's library in a folder of its own, with the reader and the cards on it scripted through files there. */
export interface ScriptedReader extends ReaderScript {
  folder: string;
  /** The library's file. */
  path: string;
  remove: () => void;
}

/**
 * Compiles tests/fixtures/native/<source> and puts it into a folder of its own.
 * @param defines names that the source looks at
 */
export function scriptedReader(
  source: 'sdtapi.c' | 'termb.c',
  defines: readonly string[] = [],
): ScriptedReader {
  const folder = mkdtempSync(join(tmpdir(), 'reader-library-'));
  const text = readFileSync(join(root, 'tests/fixtures/native', source), 'utf8');
  const copy = join(folder, source);
  writeFileSync(copy, defines.map((name) => `#define ${name}\n`).join('') + text);
  const compiled = compileLibrary(copy, basename(source, '.c'));
  if (compiled === null) throw new Error('no compiler');
  const path = join(folder, basename(compiled));
  copyFileSync(compiled, path);

  return {
    folder,
    path,
    ...readerScript(folder),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Builds the device host as the shells do. @returns its entry */
export async function buildDeviceHost(name: string): Promise<string> {
  const outDir = join(root, 'tests/.artifacts', name);
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true, external: ['node-hid', 'koffi', 'usb', 'serialport'] },
    build: {
      ssr: true,
      target: 'node20',
      outDir,
      emptyOutDir: true,
      rolldownOptions: { input: { index: join(root, 'electron/adapters/device-host/index.ts') } },
    },
  });
  return join(outDir, 'index.js');
}

export const realClock: ClockPort = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** The real device host process, with what it said and how often it was started. */
export interface RunningHost {
  devices: ReturnType<typeof createDeviceHost>;
  log: LogPort;
  lines: { level: string; text: string; data: unknown }[];
  started: HostProcess[];
}

export function runHost(entry: string): RunningHost {
  const lines: RunningHost['lines'] = [];
  const started: HostProcess[] = [];
  const log: LogPort = { write: (level, _area, text, data) => void lines.push({ level, text, data }) };
  const devices = createDeviceHost({
    clock: realClock,
    log,
    spawn() {
      const host = forkDeviceHost(entry);
      started.push(host);
      return host;
    },
  });
  return { devices, log, lines, started };
}
