import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLpPrinter } from '../../../electron/adapters/node/printer/lp-printer.ts';
import { encodeJob } from '../../../electron/core/printing/escpos.ts';
import { joined, markedBitmap } from './bitmap.ts';
import { silentLog } from './ports.ts';

let folder = '';
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'lp-'))));
afterAll(() => rm(folder, { recursive: true }));

/** A stand-in for `lp`. */
async function script(name: string, body: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}

const job = encodeJob(markedBitmap(2000), { dots: 576, bandRows: 255 });

describe.skipIf(process.platform === 'win32')('a CUPS queue', () => {
  it('hands the very bytes of the job to lp and claims no more than that', async () => {
    const command = await script('lp', `printf '%s\\n' "$@" > ${folder}/arguments; cat > ${folder}/job`);
    const printer = createLpPrinter({ queue: 'SLIP-1', log: silentLog, command });
    expect(await printer.send(job, 'slip-abc', 0)).toEqual({ outcome: 'handed-over' });
    expect(await readFile(join(folder, 'arguments'), 'utf8')).toBe('-d\nSLIP-1\n-t\nslip-abc\n-o\nraw\n');
    expect(Uint8Array.from(await readFile(join(folder, 'job')))).toEqual(joined(job));
  });

  it('has sent nothing when lp says no, even without reading the job', async () => {
    const command = await script('lp-no', 'echo "lp: The printer or class does not exist." >&2; exit 1');
    const printer = createLpPrinter({ queue: 'GONE', log: silentLog, command });
    expect(await printer.send(job, 'slip-abc', 0)).toEqual({
      outcome: 'failed-before-send',
      error: 'PRINT_UNREACHABLE',
    });
  });

  it('has no printer without lp, without a queue, or with a name that is an option', async () => {
    const none = { outcome: 'failed-before-send', error: 'PRINT_NO_PRINTER' };
    const missing = createLpPrinter({
      queue: 'SLIP',
      log: silentLog,
      command: join(folder, 'no-such-program'),
    });
    expect(await missing.send(job, 'slip-abc', 0)).toEqual(none);
    const command = await script('lp-any', 'cat > /dev/null');
    for (const queue of [undefined, '', '-o', 'a b', 'a/b']) {
      expect(await createLpPrinter({ queue, log: silentLog, command }).send(job, 's', 0)).toEqual(none);
    }
  });

  it('is uncertain when lp hangs or is stopped', async () => {
    const command = await script('lp-hangs', 'exec sleep 30');
    const slow = createLpPrinter({ queue: 'SLIP', log: silentLog, command, timeoutMs: 100 });
    expect(await slow.send(job, 'slip-abc', 0)).toMatchObject({ outcome: 'uncertain' });
    const stopped = createLpPrinter({ queue: 'SLIP', log: silentLog, command });
    const sent = stopped.send(job, 'slip-abc', 0);
    await stopped.close();
    expect(await sent).toMatchObject({ outcome: 'uncertain' });
  });
});
