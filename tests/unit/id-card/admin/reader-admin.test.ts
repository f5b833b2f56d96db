import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../../electron/adapters/node/clock.ts';
import {
  createSimulatedReader,
  NO_LATENCY,
} from '../../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import type { ReaderDevicePort } from '../../../../electron/core/ports/reader-device.ts';
import { makeTestCore } from '../../../fixtures/core.ts';

/** The whole core with one known reader, one device nobody knows, and a keyboard. */
async function hall(options: { folder?: string } = {}) {
  const clock = createSystemClock();
  const known = createSimulatedReader({ clock, latency: NO_LATENCY });
  const unknown = createSimulatedReader({ clock, latency: NO_LATENCY, carrier: 'raw' });
  const typing = { bus: 'hid' as const, path: 'keys', vendorId: 1, productId: 2, usagePage: 1, usage: 6 };
  const devices: ReaderDevicePort = {
    async list(buses, { withTyping = false } = {}) {
      const [a] = await known.port.list(buses);
      const [b] = await unknown.port.list(buses);
      const keyboard = { ...typing, product: 'Keyboard', manufacturer: '' };
      return [
        ...(withTyping && buses.includes('hid') ? [keyboard] : []),
        ...(b ? [{ ...b, path: 'other', vendorId: 0x1a2b, productId: 0x3c4d, product: '' }] : []),
        ...(a ? [a] : []),
      ];
    },
    open: (path, access) =>
      path === 'other' ? unknown.port.open('simulated', access) : known.port.open(path, access),
  };
  const machine = await makeTestCore({ devices, ...options });
  await machine.hear('card.state', ({ phase, reader }) => phase === 'waiting' && reader?.demo === false);
  return { machine, known, unknown };
}

describe('what the reader page asks', () => {
  it('shows the attached devices, the one in use, and the profiles', async () => {
    const { machine } = await hall();
    const { devices, profiles } = await machine.call('reader.devices', {});
    expect(devices.map(({ path, kind, verdict, inUse }) => [path, kind, verdict, inUse])).toEqual([
      ['simulated', 'hid', 'ready', true],
      ['other', 'hid', 'may-probe', false],
      ['keys', 'keyboard', 'never', false],
    ]);
    expect(profiles.find(({ id }) => id === 'miaxis')).toMatchObject({ bus: 'hid', own: false });
  });

  it('a profile of the installation’s own folder is told from the shipped ones', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zc-own-'));
    mkdirSync(join(folder, 'profile/readers'), { recursive: true });
    writeFileSync(
      join(folder, 'profile/readers/ours.json'),
      JSON.stringify({ id: 'ours', name: '本厅读卡器', framing: { kind: 'raw' } }),
    );
    const { machine } = await hall({ folder });
    const { profiles } = await machine.call('reader.devices', {});
    expect(profiles.filter(({ own }) => own)).toEqual([
      { id: 'ours', name: '本厅读卡器', bus: 'hid', own: true },
    ]);
  });

  it('a choice it offers for an unknown device takes it into use', async () => {
    const { machine, unknown } = await hall();
    const { devices } = await machine.call('reader.devices', {});
    const other = devices.find(({ path }) => path === 'other');
    const choice = other?.choices.find(({ profile }) => profile === 'generic-raw')?.choice;
    expect(choice).toBe('generic-raw@1a2b:3c4d');
    await machine.call('settings.write', { settings: { reader: { mode: 'real', profile: choice } } });
    await machine.hear(
      'card.state',
      ({ phase, reader }) => phase === 'waiting' && reader?.profile === 'generic-raw',
    );
    unknown.cards.place('jia');
    await machine.hear('card.read');
    const after = (await machine.call('reader.devices', {})).devices;
    expect(after.find(({ inUse }) => inUse)?.path).toBe('other');
  });

  it('probes a device that is not in use, with the profiles named and in their order', async () => {
    const { machine, unknown } = await hall();
    const { attempts } = await machine.call('reader.probe', {
      bus: 'hid',
      path: 'other',
      profiles: ['generic-len8', 'no-such', 'generic-raw', 'miaxis'],
    });
    expect(attempts.map(({ profile }) => profile)).toEqual(['generic-len8', 'generic-raw']);
    expect(attempts.at(-1)).toMatchObject({
      outcome: 'answered',
      sam: '05.01-20200101-0001234567-0007654321',
    });
    expect(new Set(unknown.requests)).toEqual(new Set(['11 ff', '12 ff']));
  });

  it.each([
    ['the reader in use', { bus: 'hid', path: 'simulated' }, 'ID_CARD_READER_BUSY'],
    ['a device that is not there', { bus: 'hid', path: '/etc/passwd' }, 'ID_CARD_READER_MISSING'],
    ['a keyboard', { bus: 'hid', path: 'keys' }, 'ID_CARD_READER_MISSING'],
    ['a library somebody names', { bus: 'library', path: '/tmp/evil.so' }, 'WIRE_BAD_INPUT'],
  ] as const)('does not probe %s', async (_, input, code) => {
    const { machine } = await hall();
    await expect(machine.call('reader.probe', input)).rejects.toMatchObject({ code });
  });

  it('reads a card for the page alone, and has its frames without a byte of the card', async () => {
    const { machine, known } = await hall();
    const asked = machine.call('reader.testRead', {});
    await new Promise((go) => setTimeout(go, 50));
    known.cards.place('jia');
    expect(await asked).toMatchObject({ outcome: 'read', photoBytes: 1024 });
    expect(machine.said.filter(({ name }) => name === 'card.read')).toEqual([]);
    const { frames } = await machine.call('reader.frames', { after: 0 });
    expect(frames.find(({ command, direction }) => command === 'readBase' && direction === 'in')?.hex).toBe(
      'AA AA AA 96 69 05 08 00 00 90 ·· ×1285',
    );
    const last = frames.at(-1)?.seq ?? 0;
    expect((await machine.call('reader.frames', { after: last })).frames.every(({ seq }) => seq > last)).toBe(
      true,
    );
  });
});
