// `npm test`: sets up and runs everything that must hold, on a machine that has only Node and npm (and, as
// root on Debian, apt). Its last line is `N passed, N failed`. Plain JavaScript, because it runs before
// anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from '../electron/launcher/install.mjs';
import { ensureBrowser } from '../electron/launcher/browser.mjs';
import { ensureCommands } from '../electron/launcher/debian.mjs';
import { ensureBuilt } from '../electron/launcher/build.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const artifacts = join(root, 'tests/.artifacts');
const bin = (path) => join(root, 'node_modules', path);
const tally = { passed: 0, failed: 0, skipped: 0 };

/** One whole command that counts as one check; what it says is shown when it has ended, so that two never mix. */
async function check(name, script, args) {
  const began = Date.now();
  let said = '';
  const ok = await new Promise((done) => {
    const run = spawn(process.execPath, [bin(script), ...args], { cwd: root });
    for (const stream of [run.stdout, run.stderr]) stream.on('data', (data) => (said += data));
    run.on('error', () => done(false));
    run.on('close', (code) => done(code === 0));
  });
  tally[ok ? 'passed' : 'failed'] += 1;
  console.log(`${said}${ok ? '✓' : '✗'} ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
}

function finish() {
  const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
  console.log(`${tally.passed} passed, ${tally.failed} failed${skipped}`);
  process.exit(tally.failed > 0 ? 1 : 0);
}

try {
  await ensureInstalled();
  await ensureBrowser({ install: true });
  // Makers' libraries are played by real ones, built from C; serial readers hang on real pseudo-terminals.
  ensureCommands({ gcc: ['gcc', 'libc6-dev'], socat: ['socat'] });
  await ensureBuilt(['renderer', 'standalone', 'server', 'electron']);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  tally.failed += 1;
  finish();
}

const { ROOMS } = await import('./types.mjs');
async function checkTypes() {
  for (const [room, checker] of ROOMS)
    await check(`types: ${room}`, checker, ['-p', join(room, 'tsconfig.json')]);
}
async function checkText() {
  await check('lint', 'eslint/bin/eslint.js', ['.', '--max-warnings', '0']);
  await check('format', 'prettier/bin/prettier.cjs', ['--check', '.', '--log-level', 'warn']);
}
// Each keeps one processor busy; together they take as long as the longer one.
await Promise.all([checkTypes(), checkText()]);

mkdirSync(artifacts, { recursive: true });
const report = join(artifacts, 'vitest.json');
rmSync(report, { force: true });
const run = spawnSync(
  process.execPath,
  [
    bin('vitest/vitest.mjs'),
    'run',
    '--config',
    'tests/vitest.config.ts',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, CI: 'true' } },
);
if (existsSync(report)) {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  tally.passed += result.numPassedTests;
  tally.failed += result.numFailedTests;
  tally.skipped += result.numPendingTests + result.numTodoTests;
  // A file that could not even be loaded has no test to count.
  const unloaded = result.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  tally.failed += unloaded.length;
}
if (run.status !== 0 && tally.failed === 0) tally.failed += 1;
finish();
