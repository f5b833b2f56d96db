import { readFileSync } from 'node:fs';
import type { ReaderKind } from '../../../electron/adapters/simulated/card-reader/device-ends.ts';
import type { Break } from './reader-on-wire.ts';
import type { Scenario } from './lab.ts';
import { createLab } from './lab.ts';
import type { Wire } from './wires/wire.ts';
import { SCENARIOS } from './scenarios/index.ts';

/**
 * Runs in the guest as root: plays the devices and the hand with the cards, starts the program that drives
 * them, and says on the console how each scenario ended. Its orders are on the kernel's command line.
 */

const words = readFileSync('/proc/cmdline', 'utf8').trim().split(' ');
const word = (name: string): string | undefined =>
  words.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1);

const only = word('lab.only')?.split(',');
const broken = (word('lab.break') ?? null) as Break;

const usbWires = new Map<ReaderKind, Wire>();

/** One line of JSON per scenario: all that the machine outside believes. */
function tell(result: { name: string; ok: boolean; ms: number; said: string }): void {
  console.log(`LAB-RESULT ${JSON.stringify(result)}`);
}

async function runOne(scenario: Scenario): Promise<void> {
  const began = performance.now();
  const lab = createLab(broken, usbWires);
  const end = (ok: boolean, said: string): void => {
    const ms = Math.round(performance.now() - began);
    tell({ name: scenario.name, ok, ms, said: said.replaceAll('\n', ' ') });
    if (ok || broken) return;
    for (const driver of lab.drivers) {
      for (const state of driver.states) console.log(`LAB-NOTE   state ${state.phase} ${state.error ?? ''}`);
      for (const line of driver.lines) console.log(`LAB-NOTE   log ${line}`);
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done in ${scenario.limitMs} ms`)), scenario.limitMs);
  });
  try {
    end(true, await Promise.race([scenario.run(lab), limit]));
  } catch (error) {
    end(false, error instanceof Error ? error.message : String(error));
  }
  clearTimeout(timer);
  await lab.close().catch((error: unknown) => console.log(`LAB-NOTE closing: ${String(error)}`));
}

/** `0/2`: of two guests that share the work, the first. */
const [part = 0, parts = 1] = word('lab.part')?.split('/').map(Number) ?? [];

const asked = SCENARIOS.filter(({ name }) => !only || only.includes(name)).filter(
  (_, index) => index % parts === part,
);
console.log(`LAB-NOTE conductor at ${readFileSync('/proc/uptime', 'utf8').split(' ')[0] ?? ''} s`);
for (const scenario of asked) await runOne(scenario);
console.log(`LAB-END ${asked.length}`);
// Reads that wait in the kernel hold threads, and an orderly end would wait for them.
process.kill(process.pid, 'SIGKILL');
