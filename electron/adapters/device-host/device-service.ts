import type { ReaderBus } from '../../../shared/contract/reader.ts';
import type { DeviceAccess, DeviceInfo } from '../../core/ports/reader-device.ts';
import type { BackendDevice, DeviceBackend } from './device-backend.ts';
import { DeviceError, failureCode } from './device-error.ts';
import type { HostAnswer, HostMessage, HostRequest } from './messages.ts';

/**
 * What the device host does with requests: lists, opens, writes, closes, and passes packets on. Keyboards and
 * mice are not listed unless asked for, and not opened. Without the library of a bus it has no devices, said once in the log.
 */
export function createDeviceService(ports: {
  /** Tried again at every list until it succeeds, since a missing library may be installed meanwhile. */
  loadBackend: (bus: ReaderBus) => Promise<DeviceBackend>;
  send: (message: HostMessage) => void;
}): (request: HostRequest) => Promise<void> {
  const { send } = ports;
  const open = new Map<number, BackendDevice>();
  const backends = new Map<ReaderBus, Promise<DeviceBackend>>();
  const lastFailure = new Map<ReaderBus, string>();
  const listed = new Map<ReaderBus, Set<string>>();
  let count = 0;

  /** Lists are asked for every second: the same failure is told once. */
  const sayOnce = (bus: ReaderBus, text: string, reason: string): void => {
    if (lastFailure.get(bus) === reason) return;
    lastFailure.set(bus, reason);
    send({ kind: 'log', level: 'warning', text, reason });
  };

  const load = async (bus: ReaderBus): Promise<DeviceBackend> => {
    // Shared, so that two calls at once load it once.
    const loading = backends.get(bus) ?? ports.loadBackend(bus);
    backends.set(bus, loading);
    try {
      return await loading;
    } catch (error) {
      if (backends.get(bus) === loading) backends.delete(bus);
      const reason = String(error);
      sayOnce(bus, `${bus} devices cannot be used here`, reason);
      throw error;
    }
  };

  const listBus = async (bus: ReaderBus, withTyping = false): Promise<DeviceInfo[]> => {
    const backend = await load(bus).catch(() => null);
    // One bus that cannot be looked at must not hide the others.
    const devices = await (backend?.list() ?? Promise.resolve([])).catch((error: unknown) => {
      sayOnce(bus, `${bus} devices could not be listed`, String(error));
      return [];
    });
    // One path may have several entries; whoever opens it would hear all of them.
    const typing = new Set(devices.filter(isTyping).map(({ path }) => path));
    const usable = devices.filter(({ path }) => !typing.has(path));
    listed.set(bus, new Set(usable.map(({ path }) => path)));
    return withTyping ? devices : usable;
  };

  const list = async (buses: readonly ReaderBus[], withTyping?: boolean): Promise<DeviceInfo[]> =>
    (await Promise.all(buses.map((bus) => listBus(bus, withTyping)))).flat();

  const openDevice = async (path: string, access: DeviceAccess): Promise<number> => {
    const backend = await load(access.bus).catch((error: unknown) => {
      if (error instanceof DeviceError) throw error;
      throw new DeviceError('ID_CARD_DRIVER_MISSING', String(error), { cause: error });
    });
    if (access.bus === 'hid' || access.bus === 'usb') {
      if (!listed.get(access.bus)?.has(path)) await listBus(access.bus);
      if (!listed.get(access.bus)?.has(path))
        throw new DeviceError('ID_CARD_READER_MISSING', 'no such device');
    }
    const device = (count += 1);
    const early: string[] = [];
    const opened = await backend.open(path, access, {
      onPacket({ bytes, pipe }) {
        send({ kind: 'packet', device, pipe, bytes: base64(bytes) });
        // It may be a piece of a card.
        bytes.fill(0);
      },
      onGone(reason) {
        const ended = open.get(device);
        if (!ended) return void early.push(reason);
        open.delete(device);
        send({ kind: 'closed', device, reason });
        ended.close().catch(() => undefined);
      },
    });
    const [goneAtOnce] = early;
    if (goneAtOnce !== undefined) {
      opened.close().catch(() => undefined);
      throw new Error(goneAtOnce);
    }
    open.set(device, opened);
    return device;
  };

  const answer = async (request: HostRequest): Promise<HostAnswer> => {
    switch (request.op) {
      case 'load':
        await load(request.bus).catch(() => null);
        return null;
      case 'list':
        return list(request.buses, request.withTyping);
      case 'open':
        return openDevice(request.path, request.access);
      case 'write':
        await deviceOf(request.device).write({
          bytes: Buffer.from(request.bytes, 'base64'),
          pipe: request.pipe,
        });
        return null;
      case 'close': {
        const device = open.get(request.device);
        open.delete(request.device);
        await device?.close();
        return null;
      }
    }
  };

  const deviceOf = (device: number): BackendDevice => {
    const opened = open.get(device);
    if (!opened) throw new Error('the device is not open');
    return opened;
  };

  return async (request) => {
    try {
      send({ kind: 'answer', id: request.id, value: await answer(request) });
    } catch (error) {
      send({
        kind: 'failure',
        id: request.id,
        code: failureCode(error),
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  };
}

/** Without a copy in between. */
function base64({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

/** Keyboards (usage 6) and mice (usage 2) of the desktop page: what people type is none of our business. */
function isTyping(device: DeviceInfo): boolean {
  return device.usagePage === 1 && (device.usage === 2 || device.usage === 6);
}
