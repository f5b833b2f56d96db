import { resolve } from 'node:path';
import { build } from 'vite';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../electron/adapters/node/clock.ts';
import { createPrintHost, type WindowsSpooler } from '../../../electron/adapters/node/print-host.ts';
import { createWindowsPrinter } from '../../../electron/adapters/node/printer/windows-printer.ts';
import { forkPrintHost, utilityPrintHost } from '../../../electron/adapters/print-host/host-processes.ts';
import type { PrintHostProcess } from '../../../electron/adapters/print-host/messages.ts';

const outDir = resolve(import.meta.dirname, '../../.artifacts/print-host');
const clock = createSystemClock();
const lines: string[] = [];
const log = { write: (level: string, _area: string, text: string) => void lines.push(`${level} ${text}`) };

/** The built print host as a process of its own. With a real spooler behind it: the Wine lab. */
describe.skipIf(process.platform === 'win32')('the print host where there is no Windows', () => {
  const processes: PrintHostProcess[] = [];
  let spooler: WindowsSpooler;
  afterEach(() => spooler.close());

  beforeAll(() =>
    build({
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true, external: ['koffi'] },
      build: {
        ssr: true,
        target: 'node20',
        outDir,
        emptyOutDir: true,
        rolldownOptions: {
          input: { index: resolve(import.meta.dirname, '../../../electron/adapters/print-host/index.ts') },
        },
      },
    }),
  );

  it('says that there is no spooler, and comes back after being killed', async () => {
    spooler = createPrintHost({
      clock,
      log,
      spawn() {
        const child = forkPrintHost(resolve(outDir, 'index.js'));
        processes.push(child);
        return child;
      },
    });
    await expect(spooler.list()).rejects.toMatchObject({ reason: 'refused', message: 'winspool.drv 0' });
    processes[0]?.kill();
    await expect.poll(() => lines.some((line) => line === 'error the print host ended')).toBe(true);
    const printer = createWindowsPrinter({ address: 'XP-80C', spooler, clock, log });
    expect(await printer.check()).toEqual({ state: 'unreachable', proves: 'handed-over' });
    expect(await printer.send([Uint8Array.of(1)], 'slip-1', 0)).toEqual({
      outcome: 'failed-before-send',
      error: 'PRINT_UNREACHABLE',
    });
    expect(processes).toHaveLength(2);
  });

  it('whose file is missing is a printer that cannot be reached', async () => {
    spooler = createPrintHost({ clock, log, spawn: () => forkPrintHost(resolve(outDir, 'missing.js')) });
    await expect(spooler.list()).rejects.toMatchObject({ reason: 'crashed', message: 'exit 1' });
  });
});

describe('a utility process of Electron', () => {
  it('is spoken to in the same words', () => {
    const sent: unknown[] = [];
    const listeners = new Map<string, (value: never) => void>();
    const host = utilityPrintHost({
      postMessage: (message) => void sent.push(message),
      on: (event, listener) => listeners.set(event, listener),
      once: (event, listener) => listeners.set(event, listener),
      kill: () => true,
    });
    const heard: unknown[] = [];
    host.onMessage((message) => void heard.push(message));
    host.onExit((reason) => void heard.push(reason));
    host.send({ id: 1, op: 'list' });
    listeners.get('message')?.({ id: 1, kind: 'printers', printers: [] } as never);
    listeners.get('exit')?.(139 as never);
    expect(sent).toEqual([{ id: 1, op: 'list' }]);
    expect(heard).toEqual([{ id: 1, kind: 'printers', printers: [] }, 'exit 139']);
  });
});
