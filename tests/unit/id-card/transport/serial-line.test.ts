import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CardRead, ReaderState } from '../../../../shared/contract/card.ts';
import { serialFailure } from '../../../../electron/adapters/device-host/backends/serial.ts';
import type { CardDocument } from '../../../../shared/domain/card/document.ts';
import { failureCode } from '../../../../electron/adapters/device-host/device-error.ts';
import {
  openTerminal,
  serveStream,
} from '../../../../electron/adapters/simulated/card-reader/serve-stream.ts';
import {
  createSimulatedReader,
  NO_LATENCY,
} from '../../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import type { SimulatedReader } from '../../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import { createCardReader } from '../../../../electron/core/id-card/card-reader.ts';
import type { CardReader } from '../../../../electron/core/id-card/card-reader.ts';
import { loadReaderProfiles } from '../../../../electron/core/id-card/load-reader-profiles.ts';
import { encodeRequest } from '../../../../electron/core/id-card/sam-frame.ts';
import type { ServedStream } from '../../../../electron/adapters/simulated/card-reader/serve-stream.ts';
import { parseCardText } from '../../../../shared/domain/card/parse-card-text.ts';
import { demoPeople } from '../../../fixtures/cards.ts';
import { noTerminals, openPtyPair } from '../../../fixtures/pty-pair.ts';
import type { PtyPair } from '../../../fixtures/pty-pair.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { bytesOf, hexOf } from '../hex.ts';
import { buildDeviceHost, realClock, runHost } from '../library/scripted-reader.ts';
import type { RunningHost } from '../library/scripted-reader.ts';

const SHIPPED = new URL('../../../../resources/readers/', import.meta.url).pathname;
/** About a tenth of what a reader takes: the line is real, waiting for the chip is not what is tested. */
const BRISK = { find: 2, select: 3, read: 70, appended: 3, other: 1 };

describe.skipIf(noTerminals !== null)('a reader on a real terminal line of the kernel', () => {
  let entry = '';
  let host: RunningHost;
  const lines: PtyPair[] = [];
  const readers: CardReader[] = [];
  beforeAll(async () => {
    entry = await buildDeviceHost('device-host-serial');
    host = runHost(entry);
  });
  afterEach(async () => {
    for (const reader of readers.splice(0)) await reader.stop();
    for (const line of lines.splice(0)) await line.close();
  });
  afterAll(() => host.devices.close());

  const newLine = async (): Promise<PtyPair> => {
    const line = await openPtyPair();
    lines.push(line);
    return line;
  };

  /** A cable between the simulator and `link`, which keeps its name when it is pulled and plugged again. */
  const cableTo = (simulator: SimulatedReader, link: string) => {
    let line: PtyPair | null = null;
    return {
      async plug(): Promise<ServedStream> {
        line = await newLine();
        rmSync(link, { force: true });
        symlinkSync(line.near, link);
        simulator.faults.plug();
        return serveStream(simulator, openTerminal(line.far));
      },
      async pull() {
        rmSync(link);
        await line?.close();
        // It has its power from the same cable.
        simulator.faults.unplug();
      },
    };
  };

  const watch = async (link: string) => {
    const reads: CardRead[] = [];
    const states: string[] = [];
    const reader = createCardReader({
      clock: realClock,
      log: host.log,
      devices: host.devices,
      demoReader: createSimulatedReader({ clock: realClock, attached: false }).port,
      mode: 'real',
      profile: `uart@${link}`,
      profiles: await loadReaderProfiles([SHIPPED], host.log),
      readFingerprint: true,
    });
    readers.push(reader);
    reader.onRead((read) => void reads.push(read));
    reader.onState(({ phase, error }: ReaderState) => void states.push(error ? `${phase}:${error}` : phase));
    await reader.start();
    return { reader, reads, states };
  };

  it('reads every card exactly, with fingers and addresses, through the device host', async () => {
    const link = join(temporaryFolder(), 'reader');
    const simulator = createSimulatedReader({ clock: realClock, carrier: 'uart', latency: BRISK });
    const cable = cableTo(simulator, link);
    const served = await cable.plug();
    const { reader, reads } = await watch(link);
    await expect.poll(() => reader.status().phase, { timeout: 5000 }).toBe('waiting');
    for (const card of demoPeople()) {
      simulator.cards.place(card.id);
      await expect.poll(() => reads.length, { timeout: 5000, interval: 10 }).toBe(1);
      const [read] = reads.splice(0);
      const exact: Partial<CardDocument> = parseCardText(card.text);
      // Warnings depend on the day, and the latest address is not in the text.
      delete exact.warnings;
      delete exact.latestAddress;
      expect(read?.document, card.id).toMatchObject(exact);
      if (card.id === 'yi') {
        expect(read?.document.latestAddress).toBe('浙江省杭州市临平区演示大道88号3幢2单元601室');
        expect(read?.fingerprints).toHaveLength(2);
      }
      simulator.cards.lift();
      await expect.poll(() => reader.status().phase, { timeout: 5000, interval: 10 }).toBe('waiting');
    }
    await reader.stop();
    served.close();
    expect(await served.ended).toBe('closed');
  });

  it('pulled out in the middle of a card, and plugged in again: the card is read', async () => {
    const link = join(temporaryFolder(), 'reader');
    const simulator = createSimulatedReader({
      clock: realClock,
      carrier: 'uart',
      latency: { ...BRISK, read: 1000 },
    });
    const cable = cableTo(simulator, link);
    const first = await cable.plug();
    const { reader, reads, states } = await watch(link);
    await expect.poll(() => reader.status().phase, { timeout: 5000 }).toBe('waiting');
    simulator.cards.place('rare');
    await expect.poll(() => simulator.requests.includes('30 10'), { timeout: 5000, interval: 5 }).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 700));
    await cable.pull();
    expect(await first.ended).toMatch(/line|EIO/);
    await expect
      .poll(() => states.at(-1), { timeout: 5000 })
      .toMatch(/^connecting:ID_CARD_READER_(FAILED|MISSING)$/);
    expect(reads).toEqual([]);
    await cable.plug();
    await expect.poll(() => reads.length, { timeout: 10_000 }).toBe(1);
    expect(reads[0]!.document.name).toMatch(/𠮷/u);
    expect(host.started).toHaveLength(1);
  });

  it('a port that is not there, is no serial port, or is held by another program is told apart', async () => {
    const access = { bus: 'serial', baudRate: 9600 } as const;
    const { devices } = host;
    await expect(devices.open('/dev/no-such-port', access)).rejects.toMatchObject({
      code: 'ID_CARD_READER_MISSING',
    });
    await expect(devices.open('/dev/null', access)).rejects.toMatchObject({ code: 'ID_CARD_READER_FAILED' });
    const { near } = await newLine();
    const other = new SerialPort({ path: near, baudRate: 9600 });
    await new Promise((resolve) => other.once('open', resolve));
    await expect(devices.open(near, access)).rejects.toMatchObject({ code: 'ID_CARD_READER_BUSY' });
    await new Promise<void>((resolve) => other.close(() => resolve()));
    const opened = await devices.open(near, access);
    await opened.close();
  });

  it('is told closed once when the line hangs up', async () => {
    const { near } = await newLine();
    const opened = await host.devices.open(near, { bus: 'serial', baudRate: 115_200 });
    const reasons: string[] = [];
    opened.onClosed((reason) => void reasons.push(reason));
    await lines.at(-1)!.close();
    await expect.poll(() => reasons.length, { timeout: 3000 }).toBe(1);
    await expect(opened.write({ bytes: bytesOf('00'), pipe: 0 }, 500)).rejects.toMatchObject({
      code: 'ID_CARD_READER_FAILED',
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(reasons).toHaveLength(1);
  });
});

describe('why a serial port cannot be opened', () => {
  it.each([
    ['Error: Permission denied, cannot open /dev/ttyUSB0', 'ID_CARD_NO_PERMISSION'],
    ['Error: No such file or directory, cannot open /dev/ttyUSB0', 'ID_CARD_READER_MISSING'],
    ['Error Resource temporarily unavailable Cannot lock port', 'ID_CARD_READER_BUSY'],
    ['Error: Device or resource busy, cannot open /dev/ttyUSB0', 'ID_CARD_READER_BUSY'],
    ['Opening COM3: Access denied', 'ID_CARD_READER_BUSY'],
    ['Opening COM9: File not found', 'ID_CARD_READER_MISSING'],
    ['Error: Inappropriate ioctl for device setting custom baud rate of 9600', 'ID_CARD_READER_FAILED'],
  ] as const)('%s', (text, code) => {
    expect(serialFailure(new Error(text))).toMatchObject({ code, message: text });
  });

  it('by the system’s own number, where there is one', () => {
    for (const [errno, code] of [
      ['EACCES', 'ID_CARD_NO_PERMISSION'],
      ['EPERM', 'ID_CARD_NO_PERMISSION'],
      ['ENOENT', 'ID_CARD_READER_MISSING'],
      ['EBUSY', 'ID_CARD_READER_BUSY'],
      ['EIO', 'ID_CARD_READER_FAILED'],
    ] as const) {
      const error = Object.assign(new Error('refused'), { code: errno });
      expect([failureCode(error), serialFailure(error).code]).toEqual([code, code]);
    }
  });
});

describe('the simulated reader at the end of a line', () => {
  const line = async (simulator: SimulatedReader) => {
    const sockets: Socket[] = [];
    const served: ReturnType<typeof serveStream>[] = [];
    const server = createServer((socket) => void served.push(serveStream(simulator, socket)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      served,
      async dial() {
        const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
        sockets.push(socket);
        const bytes: number[] = [];
        socket.on('data', (data: Uint8Array) => void bytes.push(...data));
        socket.on('error', () => undefined);
        await new Promise((resolve) => socket.once('connect', resolve));
        return { socket, bytes, heard: () => hexOf(Uint8Array.from(bytes)) };
      },
      async close() {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  };

  it('answers over TCP, cut and joined as the line likes, and hangs up when it is unplugged', async () => {
    const simulator = createSimulatedReader({ clock: realClock, carrier: 'uart', latency: NO_LATENCY });
    const tcp = await line(simulator);
    const { socket, heard } = await tcp.dial();
    for (const byte of encodeRequest(0x20, 0x01)) {
      socket.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(heard).toBe('AA AA AA 96 69 00 04 00 00 80 84');
    socket.write(Uint8Array.of(...encodeRequest(0x11, 0xff), ...encodeRequest(0x20, 0x01)));
    await expect.poll(() => heard().length).toBe(3 * 33 - 1);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    simulator.faults.unplug();
    await closed;
    expect(await tcp.served[0]!.ended).toBe('unplugged');
    await tcp.close();
  });

  it('serves one line at a time, and the next when the first has hung up', async () => {
    const simulator = createSimulatedReader({ clock: realClock, carrier: 'uart', latency: NO_LATENCY });
    const tcp = await line(simulator);
    const first = await tcp.dial();
    await expect.poll(() => tcp.served.length).toBe(1);
    await tcp.dial();
    await expect.poll(() => tcp.served.length).toBe(2);
    expect(await tcp.served[1]!.ended).toContain('in use');
    first.socket.end();
    await tcp.served[0]!.ended;
    const third = await tcp.dial();
    third.socket.write(encodeRequest(0x11, 0xff));
    await expect.poll(third.heard).toBe('AA AA AA 96 69 00 04 00 00 90 94');
    await tcp.close();
  });

  it('that is no serial reader, or is not plugged in, hangs up at once and says why', async () => {
    for (const options of [{ carrier: 'miaxis' }, { carrier: 'uart', attached: false }] as const) {
      const simulator = createSimulatedReader({ clock: realClock, ...options });
      const tcp = await line(simulator);
      await tcp.dial();
      await expect.poll(() => tcp.served.length).toBe(1);
      expect(await tcp.served[0]!.ended).toContain('no serial reader');
      await tcp.close();
    }
  });
});
