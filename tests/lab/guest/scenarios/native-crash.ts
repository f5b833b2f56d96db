import { readdirSync, readFileSync } from 'node:fs';
import type { Scenario } from '../lab.ts';
import { lift, mustEqual, readCard, ready } from './read-cards.ts';

/** The process with the native code dies as if a library had crashed in it; the program starts another and reads on. */
export const nativeCrash: Scenario = {
  name: 'usb-native-crash',
  limitMs: 60_000,
  async run(lab) {
    const reader = lab.hidReader('usb', 'miaxis');
    const driver = lab.driver();
    await reader.plug();
    await ready(driver);
    await readCard(driver, reader, 'jia');
    await lift(driver, reader);
    const [host, ...others] = childrenOf(driver.pid);
    mustEqual('device hosts', host === undefined ? 0 : 1 + others.length, 1);
    process.kill(host ?? 0, 'SIGSEGV');
    const crashedAt = performance.now();
    await driver.until('noticing the crash', ({ error }) => error === 'ID_CARD_READER_FAILED');
    await ready(driver);
    const back = Math.round(performance.now() - crashedAt);
    await readCard(driver, reader, 'yi');
    return `waiting again ${back} ms after the crash, next card read`;
  },
};

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === pid)
    .map(Number);
}

function parentOf(pid: string): number | null {
  try {
    return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    // It ended while the list was gone through.
    return null;
  }
}
