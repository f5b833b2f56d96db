import { describe, expect, it } from 'vitest';
import { append, cmdOf, draft, openTestJournal, tempFolder } from './harness.ts';

describe('speed of the journal', () => {
  it('opens with 10,000 records in well under a second and reads them all', { timeout: 60_000 }, async () => {
    const base = tempFolder();
    const journal = await openTestJournal(base);
    const body = { text: '申请材料一份,复印件两份。'.repeat(35) };
    for (let n = 0; n < 10_000; n += 64) {
      const some = Array.from({ length: Math.min(64, 10_000 - n) }, (_, i) => n + i);
      await Promise.all(some.map((i) => journal.append({ cmd: cmdOf(i), drafts: [draft(i, { body })] })));
    }
    await journal.close();
    const from = performance.now();
    const again = await openTestJournal(base);
    const took = performance.now() - from;
    console.info(`journal: 10,000 records open in ${took.toFixed(0)} ms`);
    expect(again.head().seq).toBe(10_000);
    // 300 ms is the aim on a quiet machine; the limit leaves room for a busy one.
    expect(took).toBeLessThan(1000);
  });

  it('saves one command at a time in a few milliseconds', async () => {
    const journal = await openTestJournal(tempFolder());
    const times: number[] = [];
    for (let n = 0; n < 300; n++) {
      const from = performance.now();
      await append(journal, cmdOf(n), 2);
      times.push(performance.now() - from);
    }
    times.sort((a, b) => a - b);
    console.info(`journal: one save p50 ${times[150]!.toFixed(2)} ms, p95 ${times[285]!.toFixed(2)} ms`);
    expect(times[150]).toBeLessThan(50);
  });
});
