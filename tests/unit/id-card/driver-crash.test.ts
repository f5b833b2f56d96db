import { describe, expect, it } from 'vitest';
import { createDeviceHost } from '../../../electron/adapters/node/device-host.ts';
import type { HostMessage, HostProcess } from '../../../electron/adapters/device-host/messages.ts';
import type { ReaderMode } from '../../../electron/core/id-card/reader-supervisor.ts';
import { createDesk } from './desk.ts';
import type { Desk } from './desk.ts';

const READER = {
  bus: 'hid',
  path: '/dev/hidraw0',
  vendorId: 0x10c4,
  productId: 7,
  product: '测试读卡器',
  manufacturer: '',
} as const;

/** A device host that dies in a native library at this call, as often as it is made. */
function dyingHost(at: 'list' | 'open'): HostProcess {
  let tell: (message: HostMessage) => void = () => undefined;
  let exit: (reason: string) => void = () => undefined;
  return {
    send({ id, op }) {
      queueMicrotask(() =>
        op === at ? exit('exit SIGSEGV') : tell({ kind: 'answer', id, value: [READER] }),
      );
    },
    onMessage: (listener) => (tell = listener),
    onExit: (listener) => (exit = listener),
    kill: () => undefined,
  };
}

/** The real client of the host, over hosts that die. */
const deskOver = (at: 'list' | 'open', mode: ReaderMode): Promise<Desk> =>
  createDesk({
    devices: (_real, clock) =>
      createDeviceHost({ clock, log: { write: () => undefined }, spawn: () => dyingHost(at) }),
    reader: { mode },
  });

describe('a driver that crashes again and again', () => {
  it.each(['list', 'open'] as const)('in %s is named, not looked for at the end of a cable', async (at) => {
    const desk = await deskOver(at, 'real');
    await desk.clock.until(() => desk.reader.status().error === 'ID_CARD_DRIVER_CRASHED', 20_000);
    desk.states.length = 0;
    await desk.clock.advance(40_000);
    expect(desk.reader.status()).toMatchObject({ phase: 'error', error: 'ID_CARD_DRIVER_CRASHED' });
    expect(desk.phases()).toEqual([]);
    await desk.reader.stop();
  });

  it('on a desk that has a reader lets no simulated one stand in', async () => {
    const desk = await deskOver('open', 'auto');
    await desk.clock.advance(180_000);
    expect(desk.states.filter(({ reader }) => reader?.demo === true)).toEqual([]);
    expect(desk.phases()).toContain('error:ID_CARD_DRIVER_CRASHED');
    await desk.reader.stop();
  });
});
