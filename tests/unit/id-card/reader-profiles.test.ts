import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chooseReader } from '../../../electron/core/id-card/choose-reader.ts';
import { loadReaderProfiles } from '../../../electron/core/id-card/load-reader-profiles.ts';
import { accessOf, readerProfileSchema } from '../../../electron/core/id-card/reader-profile.ts';
import type { DeviceInfo } from '../../../electron/core/ports/reader-device.ts';
import type { LogPort } from '../../../electron/core/ports/log.ts';

const SHIPPED = new URL('../../../resources/readers/', import.meta.url).pathname;
const lines: string[] = [];
const log: LogPort = {
  write: (_level, _area, text, data) => void lines.push(`${text} ${JSON.stringify(data)}`),
};

const device = (vendorId: number, productId: number, more: Partial<DeviceInfo> = {}): DeviceInfo => ({
  bus: 'hid',
  path: `${vendorId}:${productId}`,
  vendorId,
  productId,
  product: '',
  manufacturer: '',
  ...more,
});

describe('the shipped reader profiles', () => {
  it('load without a word and know the readers whose framing is public', async () => {
    const profiles = await loadReaderProfiles([SHIPPED], log);
    expect(lines).toEqual([]);
    expect(profiles.map(({ id }) => id)).toEqual([
      'bulk-c35a',
      'bulk-c35a-whole',
      'dk',
      'generic-len8',
      'generic-raw',
      'miaxis',
      'sdtapi',
      'termb',
      'uart',
    ]);
    for (const [vendorId, productId, id] of [
      [0x10c4, 0x0007, 'miaxis'],
      [0x203b, 0x0101, 'miaxis'],
      [0x0483, 0x572b, 'dk'],
    ] as const) {
      expect(chooseReader([device(vendorId, productId)], profiles)?.profiles.map((p) => p.id)).toEqual([id]);
    }
    const bulk = device(0x0400, 0xc35a, { bus: 'usb' });
    expect(chooseReader([bulk], profiles)?.profiles.map((p) => p.id)).toEqual(['bulk-c35a']);
    const whole = chooseReader([bulk], profiles, 'bulk-c35a-whole@0400:c35a');
    expect(whole?.profiles.map((p) => p.id)).toEqual(['bulk-c35a-whole']);
  });

  it('are described by the JSON schema beside them', async () => {
    const written: unknown = JSON.parse(await readFile(join(SHIPPED, 'reader-profile.schema.json'), 'utf8'));
    expect(written).toEqual(z.toJSONSchema(readerProfileSchema, { io: 'input' }));
  });
});

describe('profiles of an installation', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'readers-'));
    lines.length = 0;
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('replace a shipped one of the same id and add new ones', async () => {
    const mine = { id: 'miaxis', name: '本厅', framing: { kind: 'raw', offset: 1 } };
    await writeFile(join(folder, 'a.json'), JSON.stringify(mine));
    await writeFile(join(folder, 'b.json'), JSON.stringify({ ...mine, id: 'another' }));
    const profiles = await loadReaderProfiles([SHIPPED, folder], log);
    expect(profiles).toHaveLength((await loadReaderProfiles([SHIPPED], log)).length + 1);
    expect(profiles.find(({ id }) => id === 'miaxis')).toMatchObject({
      name: '本厅',
      framing: { kind: 'raw', offset: 1 },
      reportLength: 64,
    });
  });

  it.each([
    ['raw', { kind: 'raw', offset: 16 }, 16, undefined],
    ['raw behind its end', { kind: 'raw', offset: 32 }, 16, undefined],
    ['miaxis', { kind: 'miaxis' }, 16, undefined],
    ['miaxis with a long antenna command', { kind: 'miaxis' }, 64, 'FA11' + '00'.repeat(60)],
  ])(
    'whose reports have no room for a command are refused: %s',
    (_what, framing, reportLength, antennaOff) => {
      const profile = { id: 'x', name: 'x', framing, reportLength, ...(antennaOff && { antennaOff }) };
      const read = readerProfileSchema.safeParse(profile);
      expect(read.error?.issues).toMatchObject([{ path: ['reportLength'] }]);
    },
  );

  it('for a device that a shipped one names too, go before it', async () => {
    const match = [{ vendorId: '10C4', productId: '0007' }];
    const mine = { id: 'z-our-reader', name: '本厅', match, framing: { kind: 'len8' } };
    await writeFile(join(folder, 'z.json'), JSON.stringify(mine));
    const profiles = await loadReaderProfiles([SHIPPED, folder], log);
    const chosen = chooseReader([device(0x10c4, 7)], profiles);
    expect(chosen?.profiles.map(({ id }) => id)).toEqual(['z-our-reader']);
  });

  it('that do not hold are left out with a line in the log, the others stay', async () => {
    await writeFile(join(folder, 'a.json'), '{ not json');
    await writeFile(
      join(folder, 'b.json'),
      JSON.stringify({ id: 'Bad Id', name: 'x', framing: { kind: 'raw' } }),
    );
    await writeFile(
      join(folder, 'c.json'),
      JSON.stringify({ id: 'c', name: 'x', framing: { kind: 'wedge' } }),
    );
    await writeFile(
      join(folder, 'd.json'),
      JSON.stringify({ id: 'd', name: 'x', framing: { kind: 'raw' }, typo: 1 }),
    );
    await writeFile(join(folder, 'e.json'), JSON.stringify({ id: 'e', name: 'x', framing: { kind: 'raw' } }));
    expect((await loadReaderProfiles([folder], log)).map(({ id }) => id)).toEqual(['e']);
    expect(lines).toHaveLength(4);
  });

  it('are none when the folder is missing', async () => {
    expect(await loadReaderProfiles([join(folder, 'nowhere')], log)).toEqual([]);
  });
});

describe('choosing a reader', () => {
  const profiles = [
    readerProfileSchema.parse({
      id: 'a',
      name: 'A',
      match: [{ vendorId: '1a2b', productId: '0001' }],
      framing: { kind: 'raw' },
    }),
    readerProfileSchema.parse({
      id: 'b',
      name: 'B',
      match: [{ vendorId: '1A2B', productId: '0002', usagePage: 0xff00 }],
      framing: { kind: 'miaxis' },
    }),
    readerProfileSchema.parse({ id: 'any', name: 'Any', framing: { kind: 'len8' } }),
  ];
  const one = device(0x1a2b, 1);
  const two = device(0x1a2b, 2, { usagePage: 0xff00, usage: 1 });

  it('takes the first known one', () => {
    expect(chooseReader([device(9, 9), two, one], profiles)).toEqual({
      device: one,
      profiles: [profiles[0]],
    });
    expect(chooseReader([device(9, 9)], profiles)).toBeNull();
    expect(chooseReader([], profiles)).toBeNull();
  });

  it('keeps to the profile of the setting', () => {
    expect(chooseReader([one, two], profiles, 'b')?.device).toBe(two);
    expect(chooseReader([one], profiles, 'b')).toBeNull();
    expect(chooseReader([one], profiles, 'any')).toBeNull();
    expect(chooseReader([one], profiles, 'no-such')).toBeNull();
  });

  it.each(['any@', '@', '@x', 'A', 'no-such@1a2b:0001', 'any@1a2b', '😀@😀'])(
    'takes no reader for a setting that names none: %s',
    (choice) => expect(chooseReader([one, two], profiles, choice)).toBeNull(),
  );

  it('looks at the usage page when the profile names one', () => {
    expect(chooseReader([device(0x1a2b, 2, { usagePage: 0xffa0 })], profiles)).toBeNull();
  });

  it('takes an unknown device only when the setting names it', () => {
    const unknown = device(0x0425, 0x8159);
    expect(chooseReader([unknown], profiles)).toBeNull();
    expect(chooseReader([unknown], profiles, 'any@0425:8159')).toEqual({
      device: unknown,
      profiles: [profiles[2]],
    });
    expect(chooseReader([unknown], profiles, 'probe@0425:8159')).toEqual({ device: unknown, profiles });
    expect(chooseReader([unknown], profiles, 'any@0425:8150')).toBeNull();
  });

  it('opens a serial port that the setting names, with every speed in turn', () => {
    const uart = readerProfileSchema.parse({
      id: 'uart',
      name: 'UART',
      framing: { kind: 'uart', baudRates: [115200, 9600] },
    });
    const candidate = chooseReader([], [...profiles, uart], 'uart@/dev/ttyUSB0');
    expect(candidate?.device).toMatchObject({ bus: 'serial', path: '/dev/ttyUSB0' });
    expect(candidate?.profiles.map(accessOf)).toEqual([
      { bus: 'serial', baudRate: 115200 },
      { bus: 'serial', baudRate: 9600 },
    ]);
    expect(chooseReader([], [uart], 'uart')).toBeNull();
  });

  it('never takes a keyboard, a mouse or a boot loader, whatever the setting says', () => {
    for (const never of [
      device(0x1a2b, 1, { usagePage: 1, usage: 6 }),
      device(0x1a2b, 1, { usagePage: 1, usage: 2 }),
      device(0x0483, 0xdf11),
    ]) {
      expect(chooseReader([never], profiles)).toBeNull();
      const named = `any@${[never.vendorId, never.productId].map((id) => id.toString(16).padStart(4, '0')).join(':')}`;
      expect(chooseReader([never], profiles, named)).toBeNull();
    }
  });
});
