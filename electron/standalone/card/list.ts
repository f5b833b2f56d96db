import { mayOpenNode } from '../../core/id-card/admin/device-node.ts';
import { inspectDevices } from '../../core/id-card/admin/inspect-devices.ts';
import { EXIT, type CardAround, type ExitCode } from './around.ts';
import { loadProfiles } from './profiles.ts';
import { table } from './table.ts';

/** `list`: every attached device, whether it can be a reader, and what to do about it. Opens nothing. */
export async function list(around: CardAround, { json }: { json: boolean }): Promise<ExitCode> {
  const { words, say, tell } = around;
  const devices = await inspectDevices({
    devices: around.devices(),
    profiles: await loadProfiles(around),
    inUse: null,
    mayOpen: mayOpenNode,
  });
  if (json) {
    say(JSON.stringify(devices, null, 2));
    return EXIT.done;
  }
  if (devices.length === 0) tell(words.own.noDevices);
  else {
    const head = words.own.columns;
    const rows = devices.map(({ verdict, bus, ids, product, known, path, choices }) => [
      words.of(`readerPage.verdict.${verdict}.word`),
      words.of(`readerPage.bus.${bus}`),
      ids || '-',
      [known, product].filter((text) => text !== '').join(' / ') || '-',
      path,
      choices[0]?.choice ?? '-',
    ]);
    table([[head.verdict, head.bus, head.ids, head.device, head.path, head.use], ...rows]).forEach(say);
    for (const verdict of new Set(devices.map((device) => device.verdict))) {
      const at = `readerPage.verdict.${verdict}`;
      tell(`${words.of(`${at}.word`)}: ${words.of(`${at}.why`)} ${words.of(`${at}.todo`)}`);
    }
  }
  if (await around.isRunning()) tell(words.own.running);
  return EXIT.done;
}
