import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { eventOf, expectWholeChains, openTestJournal, readAll, tempFolder } from './harness.ts';

const KILLS = 50;
let child = '';

beforeAll(async () => {
  const out = mkdtempSync(join(tmpdir(), 'zc-kill-'));
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: join(import.meta.dirname, 'kill-child.ts'),
      outDir: out,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'child.mjs' } },
    },
    ssr: { noExternal: true },
  });
  child = join(out, 'child.mjs');
  return () => {
    rmSync(out, { recursive: true, force: true });
  };
});

/**
 * Runs the victim and kills it at a random moment after its `after`-th acknowledgement, in the middle of whatever it
 * does then: slow and busy machines kill as late as they work.
 * @returns what it had acknowledged
 */
function runAndKill(base: string, first: number, after: number): Promise<Map<string, string[]>> {
  const process_ = spawn(
    process.execPath,
    [child, join(base, 'journal'), join(base, 'journal-head.json'), String(first)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  let complaint = '';
  let dying = false;
  process_.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.split('\n').length - 2 < after || dying) return;
    dying = true;
    setTimeout(() => process_.kill('SIGKILL'), Math.random() * 8);
  });
  process_.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  return new Promise((resolve, reject) => {
    process_.on('close', () => {
      if (complaint !== '' || said === '') {
        reject(new Error(complaint || 'the victim said nothing'));
        return;
      }
      const lines = said.slice(0, said.lastIndexOf('\n')).split('\n');
      resolve(new Map(lines.slice(1).map((line) => [line.slice(0, 12), line.slice(13).split(' ')])));
    });
  });
}

describe('journal and kill -9', () => {
  it(
    `loses nothing it acknowledged and shows no half command, in ${KILLS} kills`,
    { timeout: 120_000 },
    async () => {
      const base = tempFolder();
      const acknowledged = new Map<string, string[]>();
      let next = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        const told = await runAndKill(base, next, Math.floor(Math.random() * 12));
        for (const [cmd, hashes] of told) acknowledged.set(cmd, hashes);
        next += told.size + 50;
      }
      const journal = await openTestJournal(base);
      expect(journal.notices).toEqual([]);
      const all = await readAll(journal, 1000);
      expectWholeChains(all);
      expect(new Set(all.map((kept) => eventOf(kept).inc)).size).toBe(1);

      const found = new Map<string, string[]>();
      for (const kept of all) {
        const { cmd } = eventOf(kept);
        found.set(cmd, [...(found.get(cmd) ?? []), kept.hash]);
      }
      const lost = [...acknowledged].filter(([cmd, hashes]) => found.get(cmd)?.join() !== hashes.join());
      expect(lost).toEqual([]);
      expect(acknowledged.size).toBeGreaterThan(KILLS * 2);
      const half = [...found].filter(([cmd, hashes]) => hashes.length !== 1 + (Number(cmd.slice(4)) % 4));
      expect(half).toEqual([]);
    },
  );
});
