import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startVirtualPrinterServer,
  type PrinterFault,
  type PrinterJob,
  type PrinterServer,
} from '../../../electron/adapters/simulated/printer/printer-server.ts';
import type { Sheet } from '../../../shared/contract/print.ts';

const RUNS = 70;
const FAULTS: PrinterFault[] = [
  ...Array.from({ length: 5 }, (): PrinterFault => ({ kind: 'none' })),
  ...[500, 2_000, 4_000].map((afterBytes): PrinterFault => ({ kind: 'reset', afterBytes })),
  ...(['refuse', 'paper-out', 'never-answers', 'never-proves'] as const).map((kind) => ({ kind })),
  ...(['dies-before-proof', 'hangs-up-before-proof'] as const).map((kind) => ({ kind })),
  { kind: 'late', ms: 15 },
];

let folder = '';
let server: PrinterServer;
let faulty = true;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spool-kill-'));
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: resolve(import.meta.dirname, 'spool-child.ts'),
      outDir: join(folder, 'program'),
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'child.mjs' } },
    },
  });
  let connections = 0;
  const faults = (): PrinterFault =>
    (faulty ? FAULTS[(connections++ * 4) % FAULTS.length] : undefined) ?? { kind: 'none' };
  server = await startVirtualPrinterServer({ port: 0, faults });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Runs the program until `enough` of its output; ends it with `signal`. @returns all lines it said */
function runProgram(
  run: string,
  end: { signal: 'SIGKILL' | 'SIGTERM'; when: (said: string, stop: () => void) => void },
): Promise<string[]> {
  const child = spawn(
    process.execPath,
    [join(folder, 'program', 'child.mjs'), join(folder, 'spool'), String(server.port), run],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  return new Promise((ended) => {
    child.stdout.on('data', (chunk: Buffer) =>
      end.when((said += chunk.toString()), () => child.kill(end.signal)),
    );
    child.on('close', () => ended(said.split('\n').filter(Boolean)));
    end.when('', () => child.kill(end.signal));
  });
}

/** Some kills fall while the program starts, most while it works. */
function killedAtRandom(): (said: string, stop: () => void) => void {
  let timer: NodeJS.Timeout | undefined;
  const whileStarting = Math.random() < 0.3;
  const after = Math.random() * (whileStarting ? 120 : 160);
  return (said, stop) => {
    if (timer === undefined && (whileStarting || said.includes('open'))) timer = setTimeout(stop, after);
  };
}

interface Paper {
  key: string;
  complete: boolean;
}

/** What really lies in the tray, by the dots on it: `case/<run>-<i>` and the number of the copy from its mark. */
function paperOf(job: PrinterJob): Paper | null {
  const { dots, height } = job.page;
  for (let y = 0; y < height; y++) {
    const [a, b, high = 0, low = 0, i = 0] = dots.subarray(y * 72, y * 72 + 5);
    if (a !== 0xa5 || b !== 0x5a) continue;
    const times = Number(/补打 第(\d+)次/.exec(job.text)?.[1] ?? 0);
    return { key: `case/${high * 256 + low}-${i}:slip:${times + 1}`, complete: job.cuts > 0 };
  }
  return null;
}

describe('a program killed at any moment, at a printer that fails in any way', () => {
  it(`loses no sheet, prints none twice without 补打 and claims no more than it knows (${RUNS} kills)`, async () => {
    const kept = new Set<string>();
    for (let run = 1; run <= RUNS; run++) {
      const said = await runProgram(String(run), { signal: 'SIGKILL', when: killedAtRandom() });
      for (const line of said) if (line.startsWith('kept ')) kept.add(line.slice(5));
    }
    faulty = false;
    await runProgram('drain', {
      signal: 'SIGTERM',
      when: (said, stop) => {
        if (said.includes('idle')) stop();
      },
    });

    const lines = (await readFile(join(folder, 'spool', 'sheets.jsonl'), 'utf8')).trimEnd().split('\n');
    const rows = new Map(lines.map((line) => JSON.parse(line) as Sheet).map((row) => [row.key, row]));
    const papers = server.jobs().flatMap((job) => paperOf(job) ?? []);
    const count = (key: string, complete = false): number =>
      papers.filter((paper) => paper.key === key && (paper.complete || !complete)).length;

    expect([...kept].filter((key) => !rows.has(key))).toEqual([]);
    expect(papers.filter(({ key }) => !rows.has(key))).toEqual([]);
    expect(papers.filter(({ key }) => count(key) > 1)).toEqual([]);
    for (const { key, state } of rows.values()) {
      expect(['printed', 'handed-over', 'uncertain', 'resolved']).toContain(state);
      if (state === 'printed') expect([key, count(key, true)]).toEqual([key, 1]);
      if (state === 'resolved')
        expect(rows.has(`${key.slice(0, -1)}${Number(key.slice(-1)) + 1}`)).toBe(true);
    }

    // The test is only worth something when it went through all of it.
    const seen = new Set([...rows.values()].map((row) => row.state));
    expect([...seen]).toEqual(expect.arrayContaining(['printed', 'uncertain', 'resolved']));
    expect(kept.size).toBeGreaterThan(RUNS / 3);
    expect(papers.filter((paper) => !paper.complete).length).toBeGreaterThan(0);
  }, 240_000);
});
