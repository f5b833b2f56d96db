import type { HidDeviceInfo } from '../../core/ports/hid.ts';
import type { BackendDevice, HidBackend } from './hid-backend.ts';
import type { HostAnswer, HostMessage, HostRequest } from './messages.ts';

/**
 * What the device host does with requests: lists, opens, writes, closes, and passes reports on. Keyboards and
 * mice are neither listed nor opened. Without a library there are no devices, said once in the log.
 */
export function createHidService(ports: {
  /** Tried again at every list until it succeeds, since a missing library may be installed meanwhile. */
  loadBackend: () => Promise<HidBackend>;
  send: (message: HostMessage) => void;
}): (request: HostRequest) => Promise<void> {
  const { send } = ports;
  const open = new Map<number, BackendDevice>();
  let backend: HidBackend | null = null;
  let loading: Promise<HidBackend> | null = null;
  let lastLoadFailure = '';
  let listed = new Set<string>();
  let count = 0;

  const load = async (): Promise<HidBackend | null> => {
    // Shared, so that two calls at once load it once.
    const attempt = (loading ??= ports.loadBackend());
    try {
      backend = await attempt;
    } catch (error) {
      if (loading === attempt) loading = null;
      const reason = String(error);
      if (reason !== lastLoadFailure)
        send({ kind: 'log', level: 'warning', text: 'HID devices cannot be used here', reason });
      lastLoadFailure = reason;
    }
    return backend;
  };

  const list = async (): Promise<HidDeviceInfo[]> => {
    const devices = ((await (await load())?.list()) ?? []).filter((device) => !isTyping(device));
    listed = new Set(devices.map(({ path }) => path));
    return devices;
  };

  const openDevice = async (path: string): Promise<number> => {
    if (!listed.has(path)) await list();
    if (!backend || !listed.has(path)) throw new Error('no such device');
    const device = (count += 1);
    const early: string[] = [];
    const opened = await backend.open(path, {
      onReport: (report) => send({ kind: 'report', device, report: Buffer.from(report).toString('base64') }),
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
      case 'list':
        return list();
      case 'open':
        return openDevice(request.path);
      case 'write':
        await deviceOf(request.device).write(Buffer.from(request.report, 'base64'));
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
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  };
}

/** Keyboards (usage 6) and mice (usage 2) of the desktop page: what people type is none of our business. */
function isTyping(device: HidDeviceInfo): boolean {
  return device.usagePage === 1 && (device.usage === 2 || device.usage === 6);
}
