import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../../electron/adapters/node/clock.ts';
import { DEVICE_ENDS } from '../../../../electron/adapters/simulated/card-reader/device-ends.ts';
import {
  createSimulatedReader,
  NO_LATENCY,
} from '../../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import type { ReaderDevicePort } from '../../../../electron/core/ports/reader-device.ts';
import { encodeReply } from '../../../../electron/core/id-card/sam-frame.ts';
import { EXIT } from '../../../../electron/standalone/card/around.ts';
import { attachedDeviceSchema } from '../../../../shared/contract/reader.ts';
import { demoPerson } from '../../../fixtures/cards.ts';
import { root, terminal } from './desk.ts';

/** A simulated reader of a framing nobody has told us, and a keyboard, on a HID bus. */
function attached() {
  const reader = createSimulatedReader({ clock: createSystemClock(), latency: NO_LATENCY, carrier: 'raw' });
  const opened: string[] = [];
  const ids = { vendorId: 0x1a2b, productId: 0x3c4d };
  const devices: ReaderDevicePort = {
    async list(buses, { withTyping = false } = {}) {
      const [device] = await reader.port.list(buses);
      const typing = { vendorId: 0x046d, productId: 0xc31c, usagePage: 1, usage: 6, product: 'Keyboard' };
      return [
        ...(device ? [{ ...device, ...ids, path: '/dev/hidraw7' }] : []),
        ...(device && withTyping ? [{ ...device, ...typing, path: '/dev/hidraw0' }] : []),
      ];
    },
    open(path, access) {
      opened.push(path);
      return reader.port.open('simulated', access);
    },
  };
  return { reader, devices, opened };
}

describe('list', () => {
  it('says of every device what it can be and how to use it, and opens none', async () => {
    const { devices, opened } = attached();
    const { run } = terminal({ devices });
    const { code, out, err } = await run('list');
    expect(code).toBe(EXIT.done);
    expect(out).toMatch(/不认识.*1A2B:3C4D.*probe@1a2b:3c4d/);
    expect(out).toMatch(/不会打开.*046D:C31C.*Keyboard.*-$/m);
    expect(err).toContain('键盘或鼠标');
    expect(opened).toEqual([]);
  });

  it('as JSON it is the contract’s list', async () => {
    const { run } = terminal(attached());
    const { out } = await run('list', '--json');
    const rows = attachedDeviceSchema.array().parse(JSON.parse(out));
    expect(rows.map(({ verdict }) => verdict)).toEqual(['may-probe', 'never']);
  });

  it('in English on demand, and with a word when nothing is attached', async () => {
    const { err, code } = await terminal().run('list', '--lang', 'en');
    expect(err).toContain('No devices found');
    expect(code).toBe(EXIT.done);
  });
});

describe('probe', () => {
  it('refuses where nobody can say yes, and sends nothing', async () => {
    const { devices, opened } = attached();
    const { code, err } = await terminal({ devices }).run('probe', '1a2b:3c4d');
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('--yes');
    expect(opened).toEqual([]);
  });

  it('asks at a terminal, saying what will be sent, and takes no for an answer', async () => {
    const { devices, opened } = attached();
    const asked: string[] = [];
    const confirm = (question: string): Promise<boolean> => {
      asked.push(question);
      return Promise.resolve(false);
    };
    const { code, err } = await terminal({ devices, confirm }).run('probe', '/dev/hidraw7');
    expect(asked).toHaveLength(1);
    expect(err).toContain('AA AA AA 96 69 00 03 11 FF ED');
    expect(code).toBe(EXIT.failed);
    expect(opened).toEqual([]);
  });

  it('finds the framing, tells the module and how to use it', async () => {
    const { devices, reader } = attached();
    const { code, out } = await terminal({ devices }).run(
      'probe',
      '1A2B:3C4D',
      '--yes',
      '--profile',
      'generic-raw',
    );
    expect(code).toBe(EXIT.done);
    expect(out).toContain('05.01-20200101-0001234567-0007654321');
    expect(out).toContain('generic-raw@1a2b:3c4d');
    expect(reader.requests).toEqual(['11 ff', '12 ff']);
  });

  it('leaves a keyboard alone, whatever is said', async () => {
    const { devices, opened } = attached();
    const { code, err } = await terminal({ devices }).run('probe', '046d:c31c', '--yes');
    expect(code).toBe(EXIT.failed);
    expect(err).toContain('键盘');
    expect(opened).toEqual([]);
  });

  it('a device that is not there, and a profile that is not', async () => {
    const { run } = terminal(attached());
    expect((await run('probe', 'ffff:ffff', '--yes')).code).toBe(EXIT.missing);
    expect((await run('probe', '1a2b:3c4d', '--yes', '--profile', 'nope')).code).toBe(EXIT.usage);
    expect((await run('probe')).code).toBe(EXIT.usage);
  });
});

describe('while the program itself is running', () => {
  it.each([['read'], ['probe', '1a2b:3c4d', '--yes']])(
    '%s keeps its hands off and says so',
    async (...args) => {
      const { devices, opened } = attached();
      const { code, err } = await terminal({ devices, isRunning: () => Promise.resolve(true) }).run(...args);
      expect(code).toBe(EXIT.held);
      expect(err).toContain('综窗正在运行');
      expect(opened).toEqual([]);
    },
  );
});

describe('read', () => {
  const person = demoPerson('yi');
  const number = '110119198806150022';

  it('shows a card masked: no name, number or address on any line', async () => {
    const { code, out, err } = await terminal().run('read', '--demo', '--card', 'yi', '--fingerprint');
    expect(code).toBe(EXIT.done);
    expect(out).toContain('1101****0022');
    expect(out).toContain('右手拇指 60');
    for (const secret of [number, '测试乙', '演示街', '临平', '1988-06'])
      expect(out + err).not.toContain(secret);
  });

  it('as JSON masked too, one line a card', async () => {
    const { out } = await terminal().run('read', '--demo', '--card', 'yi', '--json', '--times', '2');
    const lines = out.split('\n').map((line) => JSON.parse(line) as { document: object; photoBytes: number });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ document: { name: '测**', number: '1101****0022' }, photoBytes: 1024 });
    expect(out).not.toContain(number);
  }, 15_000);

  it('whole only with --reveal', async () => {
    const { out } = await terminal().run('read', '--demo', '--card', 'yi', '--reveal', '--json');
    expect(JSON.parse(out)).toMatchObject({ document: { number, name: '测试乙' } });
    expect(person.id).toBe('yi');
  });

  it('reads over every carrier', async () => {
    const { run } = terminal();
    const carriers = Object.keys(DEVICE_ENDS);
    expect(carriers.length).toBeGreaterThanOrEqual(8);
    const read = carriers.map((carrier) => run('read', '--demo', '--carrier', carrier, '--json'));
    for (const [i, { code, out }] of (await Promise.all(read)).entries()) {
      expect(code, carriers[i]).toBe(EXIT.done);
      expect(out).toContain('1101****7777');
    }
  });

  it('plays a scene and tells the clerk’s sentences, without the window’s keys', async () => {
    const { code, err } = await terminal().run('read', '--scene', '13-not-authorised', '--wait', '10');
    expect(code).toBe(EXIT.failed);
    expect(err).toContain('安全模块没有授权。请换一台读卡器。');
    expect(err).not.toContain('Alt+M');
  });

  it('nobody lays a card down: it ends in its time', async () => {
    const { devices } = attached();
    const began = performance.now();
    const { code, err } = await terminal({ devices }).run(
      'read',
      '--profile',
      'generic-raw@1a2b:3c4d',
      '--wait',
      '1',
    );
    expect(code).toBe(EXIT.noCard);
    expect(err).toContain('没有放证件');
    expect(performance.now() - began).toBeLessThan(4000);
  });

  it('without a reader it says so at once', async () => {
    const { code, err } = await terminal().run('read', '--wait', '30');
    expect(code).toBe(EXIT.missing);
    expect(err).toContain('没有找到读卡器');
  });

  it('Ctrl+C lets go of the reader', async () => {
    const { devices, reader } = attached();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 500);
    const { code } = await terminal({ devices, signal: stop.signal }).run(
      'read',
      '--profile',
      'generic-raw@1a2b:3c4d',
    );
    expect(code).toBe(EXIT.interrupted);
    // It can be opened again: a device is open once only.
    await expect(reader.port.open('simulated', { bus: 'hid' })).resolves.toBeTruthy();
  });

  it.each([
    [['read', '--times', '0']],
    [['read', '--wait', 'soon']],
    [['read', '--demo', '--carrier', 'pigeon']],
    [['read', '--scene', 'nothing']],
    [['read', '--demo', '--card', 'nobody']],
    [['read', '--what']],
    [['dance']],
    [['list', '--lang', 'tlh']],
  ])('wrong arguments are said to be wrong: %s', async (args) => {
    const { code, err } = await terminal().run(...args);
    expect(code).toBe(EXIT.usage);
    expect(err).not.toBe('');
  });
});

describe('decode', () => {
  const frame = (): Uint8Array => {
    const { text, photo } = demoPerson('jia');
    return encodeReply({ sw1: 0, sw2: 0, sw3: 0x90, data: Uint8Array.of(1, 0, 4, 0, ...text, ...photo) });
  };

  it('hex in pieces, a file of bytes, a file of hex, and standard input', async () => {
    const stdin = () => Promise.resolve(frame());
    const { run, profile } = terminal({ stdin });
    writeFileSync(join(profile, 'dump.bin'), frame());
    writeFileSync(join(profile, 'dump.txt'), Buffer.from(frame()).toString('hex'));
    expect(JSON.parse((await run('decode', 'AA', 'AA', 'AA966900032001', '22')).out)).toMatchObject({
      command: 'find',
    });
    for (const from of [join(profile, 'dump.bin'), join(profile, 'dump.txt'), '-']) {
      const { out, code } = await run('decode', from);
      expect(code).toBe(EXIT.done);
      expect(JSON.parse(out)).toMatchObject({
        kind: 'reply',
        document: { name: '测**', number: '1101****7777' },
      });
      expect(out).not.toContain('110101190001017777');
    }
    expect((await run('decode', join(profile, 'dump.bin'), '--reveal')).out).toContain('110101190001017777');
  });

  it('a capture of whole reports', async () => {
    const { DEVICE_CARRIERS } =
      await import('../../../../electron/adapters/simulated/card-reader/device-carriers.ts');
    const { run, profile } = terminal();
    for (const carrier of ['miaxis', 'dk', 'len8'] as const) {
      const reports = DEVICE_CARRIERS[carrier].wrap(frame());
      writeFileSync(join(profile, 'capture'), Buffer.concat(reports));
      const { out } = await run('decode', join(profile, 'capture'));
      expect(JSON.parse(out), carrier).toMatchObject({
        kind: 'reply',
        carrier,
        document: { number: '1101****7777' },
      });
    }
  });

  it('nonsense is no success', async () => {
    const { code, out } = await terminal().run('decode', 'hello');
    expect(code).toBe(EXIT.failed);
    expect(JSON.parse(out)).toMatchObject({ kind: 'unrecognised' });
  });
});

describe('profiles', () => {
  it('lists the shipped ones and those of this installation', async () => {
    const { run, profile } = terminal();
    writeFileSync(
      join(profile, 'readers/ours.json'),
      JSON.stringify({ id: 'ours', name: '本厅读卡器', framing: { kind: 'raw' } }),
    );
    const { out } = await run('profiles', '--json');
    const rows = JSON.parse(out) as { id: string; own: boolean; match: string[] }[];
    expect(rows.find(({ id }) => id === 'ours')?.own).toBe(true);
    expect(rows.find(({ id }) => id === 'miaxis')).toMatchObject({
      own: false,
      match: ['10C4:0007', '203B:0101'],
    });
    expect((await run('profiles')).out).toMatch(/ours.*本厅读卡器/);
  });

  it('checks a file: right, wrong in words, and no JSON', async () => {
    const { run, profile } = terminal();
    const file = join(profile, 'mine.json');
    writeFileSync(file, JSON.stringify({ id: 'dk', name: '我们的', framing: { kind: 'dk' } }));
    const good = await run('profiles', 'check', file);
    expect(good.code).toBe(EXIT.done);
    expect(good.out).toContain('会替换随附的方案 dk');
    writeFileSync(
      file,
      JSON.stringify({ id: 'Mine!', name: '', framing: { kind: 'miaxis' }, reportLength: 4 }),
    );
    const bad = await run('profiles', 'check', file);
    expect(bad.code).toBe(EXIT.failed);
    for (const path of ['id', 'name', 'reportLength'])
      expect(bad.err).toMatch(new RegExp(`^  ${path}: `, 'm'));
    writeFileSync(file, '{');
    expect((await run('profiles', 'check', file)).err).toContain('JSON');
    expect((await run('profiles', 'check', join(profile, 'none.json'))).code).toBe(EXIT.failed);
  });

  it('every shipped profile passes its own check', async () => {
    const { run } = terminal();
    const rows = JSON.parse((await run('profiles', '--json')).out) as { id: string }[];
    for (const { id } of rows) {
      const file = join(root, 'resources/readers', `${id}.json`);
      expect(existsSync(file), file).toBe(true);
      expect((await run('profiles', 'check', file)).code).toBe(EXIT.done);
    }
  });
});

describe('descriptor', () => {
  it('tells usages and report sizes from a file', async () => {
    const { run, profile } = terminal();
    // Vendor page FF00, one input and one output report of 64 bytes; then a keyboard with report id 2.
    const vendor = '0600FF 0901 A101 0901 1500 26FF00 7508 9540 8102 0902 9540 9102 C0';
    const keyboard = '0501 0906 A101 8502 0507 19E0 29E7 1500 2501 7501 9508 8102 C0';
    mkdirSync(join(profile, 'x'));
    const file = join(profile, 'x/descriptor');
    writeFileSync(file, Buffer.from((vendor + keyboard).replaceAll(' ', ''), 'hex'));
    const { out, code } = await run('descriptor', file, '--json');
    expect(code).toBe(EXIT.done);
    expect(JSON.parse(out)).toMatchObject({
      usages: [
        { usagePage: 0xff00, usage: 1 },
        { usagePage: 1, usage: 6 },
      ],
      reports: [
        { id: 0, input: 64, output: 64, feature: 0 },
        { id: 2, input: 1, output: 0, feature: 0 },
      ],
    });
    expect((await run('descriptor', file)).out).toContain('0001:0006 (键盘或鼠标');
  });

  it('of a device that is not there', async () => {
    expect((await terminal().run('descriptor', 'hidraw4711')).code).toBe(EXIT.missing);
  });
});

describe('simulate', () => {
  it('is a reader at the far end of a TCP line, until Ctrl+C', async () => {
    const stop = new AbortController();
    let where: (port: number) => void = () => undefined;
    const port = new Promise<number>((resolve) => (where = resolve));
    const { run } = terminal({
      signal: stop.signal,
      tell: (line) => {
        const [, found] = /127\.0\.0\.1:(\d+)/.exec(line) ?? [];
        if (found) where(Number(found));
      },
    });
    const running = run('simulate', '--tcp', '0');
    const socket = connect(await port, '127.0.0.1');
    const answer = new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(data.toString('hex'))),
    );
    socket.write(Buffer.from('AAAAAA9669000311FFED', 'hex'));
    expect(await answer).toBe('aaaaaa96690004000090' + '94');
    stop.abort();
    expect((await running).code).toBe(EXIT.done);
    socket.destroy();
  });

  it('wants to know where', async () => {
    expect((await terminal().run('simulate')).code).toBe(EXIT.usage);
    expect((await terminal().run('simulate', '--tty', '/nowhere/at/all')).code).toBe(EXIT.failed);
  });
});
