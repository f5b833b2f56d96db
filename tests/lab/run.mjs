// The lab: the program's own driver against readers that the Linux kernel takes for real ones. See README.md.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureInstalled } from '../../electron/launcher/install.mjs';
import { ensureBuilt } from '../../electron/launcher/build.mjs';
import { ensureKernel, ensurePackages } from './host/packages.mjs';
import { buildImage, versions } from './host/image.mjs';
import { runVm } from './host/vm.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const artifacts = join(root, 'tests/.artifacts/lab');
/** Scenarios have limits of their own, in the guest's time; this one is for a guest that is lost, on a busy machine, too. */
const VM_LIMIT_MS = 600_000;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    break: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});
if (options.break !== undefined && !['card', 'wire'].includes(options.break))
  throw new Error('--break takes "card" or "wire"');

/** A guest has one processor, so two guests share the work where there are two. */
const GUESTS = Math.min(2, availableParallelism(), options.only?.split(',').length ?? 2);

const began = performance.now();
const seconds = (since) => ((performance.now() - since) / 1000).toFixed(1);

/** What a scenario says when it has noticed a spoiled byte, and not something else. */
const NOTICED = /: read "|differ from the card|ID_CARD_BAD_FRAME/;

/** One step of the preparation, with its time. */
async function step(name, work) {
  const since = performance.now();
  const result = await work();
  console.log(`· ${name} (${seconds(since)} s)`);
  return result;
}

function buildGuest() {
  const args = [
    join(root, 'node_modules/vite/bin/vite.js'),
    'build',
    '-c',
    join(root, 'tests/lab/guest/vite.config.ts'),
  ];
  const run = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`The lab's own bundle failed:\n${run.stdout}${run.stderr}`);
}

async function prepare() {
  mkdirSync(artifacts, { recursive: true });
  await step('Debian packages', ensurePackages);
  const kernel = await step('kernel', () => ensureKernel(join(artifacts, 'kernel')));
  await step('npm packages', ensureInstalled);
  await step('program', () => ensureBuilt(['standalone']));
  await step("the lab's programs", buildGuest);
  const image = join(artifacts, 'guest.cpio');
  const parts = { root, kernel, guest: join(artifacts, 'guest'), to: image };
  await step('image', () => buildImage(parts));
  return { kernel: join(kernel.folder, `boot/vmlinuz-${kernel.version}`), image, about: versions(kernel) };
}

const consoleOf = (part) => join(artifacts, `console-${part}.log`);

async function boot({ kernel, image }, part) {
  const words = [
    `lab.part=${part}/${GUESTS}`,
    ...(options.only ? [`lab.only=${options.only}`] : []),
    ...(options.break ? [`lab.break=${options.break}`] : []),
  ];
  const log = [];
  const results = [];
  let told = null;
  const onLine = (line) => {
    log.push(line);
    const [, kind, text] = /^LAB-(RESULT|END) (.*)$/.exec(line) ?? [];
    if (kind === 'RESULT') {
      const result = JSON.parse(text);
      results.push(result);
      const mark = result.ok ? '✓' : '✗';
      console.log(
        `${mark} ${result.name.padEnd(28)} ${(result.ms / 1000).toFixed(1).padStart(5)} s  ${result.said}`,
      );
    } else if (kind === 'END') told = Number(text);
    else if (options.verbose || line.startsWith('LAB-NOTE  ')) console.log(`    ${line}`);
  };
  const ended = await runVm({ kernel, image, words, limitMs: VM_LIMIT_MS, onLine });
  writeFileSync(consoleOf(part), log.join('\n') + '\n');
  const complete = ended === 'ended' && told === results.length;
  if (!complete) console.log(`A guest did not come to its end; its console is in ${consoleOf(part)}`);
  return { results, complete };
}

try {
  const ready = await prepare();
  console.log(ready.about);
  const since = performance.now();
  const guests = await Promise.all(Array.from({ length: GUESTS }, (_, part) => boot(ready, part)));
  const results = guests.flatMap((guest) => guest.results);
  const complete = guests.every((guest) => guest.complete) && results.length > 0;
  const failed = results.filter(({ ok }) => !ok).length;
  // With a spoiled byte every scenario has to notice.
  const passed =
    complete && (options.break ? results.every(({ ok, said }) => !ok && NOTICED.test(said)) : failed === 0);
  console.log(
    `${results.length - failed} passed, ${failed} failed; guest ${seconds(since)} s, all ${seconds(began)} s`,
  );
  if (options.break)
    console.log(passed ? 'The spoiled byte was noticed everywhere.' : 'A spoiled byte went unnoticed.');
  process.exit(passed ? 0 : 1);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
