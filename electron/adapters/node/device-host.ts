import { CodedError } from '../../../shared/contract/errors.ts';
import type { ReaderBus } from '../../../shared/contract/reader.ts';
import type { ClockPort } from '../../core/ports/clock.ts';
import type {
  DeviceConnection,
  DeviceInfo,
  Packet,
  ReaderDevicePort,
} from '../../core/ports/reader-device.ts';
import type { LogPort } from '../../core/ports/log.ts';
import { createCrashBreaker } from './crash-breaker.ts';
import type { HostAnswer, HostMessage, HostProcess, HostRequest } from '../device-host/messages.ts';

/** Listing wakes every HID device on some Windows machines. */
const LIST_LIMIT_MS = 5000;
const OPEN_LIMIT_MS = 3000;
/** Once for every bus: its library has to be read from a disk that may be slow, and that is no crash. */
const LOAD_LIMIT_MS = 15_000;
const CLOSE_LIMIT_MS = 1000;
/** The host's own overhead on top of the caller's limit for a write. */
const WRITE_GRACE_MS = 200;
/** Packets that arrive between opening and the first listener. */
const EARLY_PACKETS = 64;

type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never;

/** One life of the host process. */
interface Host {
  process: HostProcess;
  /** Libraries loaded or being loaded, by bus. */
  loads: Map<ReaderBus, Promise<unknown>>;
  pending: Map<number, { resolve: (value: HostAnswer) => void; reject: (error: CodedError) => void }>;
  devices: Map<number, { packet: (packet: Packet) => void; ended: (reason: string) => void }>;
}

/**
 * Devices behind a process of their own. The host is started at the first call and again after a crash;
 * open devices are then reported closed and pending calls rejected. Every call settles within its limit; a
 * host that does not answer is killed. After three crashes in a minute it rests for one: calls are refused
 * at once with ID_CARD_DRIVER_CRASHED, so that a broken driver cannot keep the machine busy.
 */
export function createDeviceHost(ports: {
  spawn: () => HostProcess;
  clock: ClockPort;
  log: LogPort;
}): ReaderDevicePort & { close(): Promise<void> } {
  const { clock, log } = ports;
  let host: Host | null = null;
  let nextId = 1;
  const breaker = createCrashBreaker(clock);
  let closed = false;

  const end = (ended: Host, reason: string, crashed: boolean): void => {
    if (host !== ended) return;
    host = null;
    const failure = failed(reason);
    for (const { reject } of ended.pending.values()) reject(failure);
    for (const device of ended.devices.values()) device.ended(reason);
    if (crashed) countCrash(reason);
  };

  const countCrash = (reason: string): void => {
    const { crashes, rests } = breaker.crashed();
    log.write('error', 'device-host', 'the device host ended', { reason, crashes });
    if (rests) log.write('error', 'device-host', 'the device host is left alone for a minute');
  };

  const spawned = (): HostProcess => {
    try {
      return ports.spawn();
    } catch (error) {
      countCrash(String(error));
      throw failed('the device host cannot be started');
    }
  };

  const running = (): Host => {
    if (closed) throw failed('the device host is closed');
    if (breaker.resting())
      throw new CodedError('ID_CARD_DRIVER_CRASHED', 'the device host rests after crashes');
    if (host) return host;
    const started: Host = { process: spawned(), pending: new Map(), devices: new Map(), loads: new Map() };
    host = started;
    started.process.onMessage((message) => receive(started, message));
    started.process.onExit((reason) => end(started, reason, true));
    return started;
  };

  const receive = (from: Host, message: HostMessage): void => {
    switch (message.kind) {
      case 'answer':
        from.pending.get(message.id)?.resolve(message.value);
        return;
      case 'failure':
        from.pending.get(message.id)?.reject(new CodedError(message.code, message.reason));
        return;
      case 'packet':
        from.devices
          .get(message.device)
          ?.packet({ bytes: Buffer.from(message.bytes, 'base64'), pipe: message.pipe });
        return;
      case 'closed':
        from.devices.get(message.device)?.ended(message.reason);
        from.devices.delete(message.device);
        return;
      case 'log':
        log.write(message.level, 'device-host', message.text, { reason: message.reason });
    }
  };

  /**
   * @param take makes the result of the answer at once, before the next message is looked at: a packet of a
   *   device may follow directly behind the answer that opened it
   * @param onExpired what to do with a host that did not answer in time
   */
  const call = <T>(
    to: Host,
    request: Unnumbered<HostRequest>,
    limitMs: number,
    take: (value: HostAnswer) => T,
    onExpired: 'kill' | 'leave' = 'kill',
  ): Promise<T> =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      const settle = (): void => {
        cancel();
        to.pending.delete(id);
      };
      const cancel = clock.after(limitMs, () => {
        settle();
        reject(new CodedError('ID_CARD_TIMEOUT', `${request.op}: no answer from the device host`));
        if (onExpired === 'leave' || host !== to) return;
        to.process.kill();
        end(to, `${request.op} hangs`, true);
      });
      to.pending.set(id, {
        resolve(value) {
          settle();
          resolve(take(value));
        },
        reject(error) {
          settle();
          reject(error);
        },
      });
      if (host === to) to.process.send({ ...request, id });
      else to.pending.get(id)?.reject(failed('the device host ended'));
    });

  /** What cannot be loaded is told by the call that needs it. */
  const load = (to: Host, bus: ReaderBus): Promise<unknown> => {
    const loading = to.loads.get(bus) ?? call(to, { op: 'load', bus }, LOAD_LIMIT_MS, nothing);
    to.loads.set(bus, loading);
    return loading;
  };

  const connect = (to: Host, device: number): DeviceConnection => {
    let listener: ((packet: Packet) => void) | null = null;
    let early: Packet[] = [];
    const closers: ((reason: string) => void)[] = [];
    let endedBecause: string | null = null;
    const ended = (reason: string): void => {
      if (endedBecause !== null) return;
      endedBecause = reason;
      to.devices.delete(device);
      for (const closer of closers) closer(reason);
    };
    to.devices.set(device, {
      ended,
      packet(packet) {
        if (listener) listener(packet);
        else if (early.length < EARLY_PACKETS) early.push(packet);
      },
    });
    return {
      async write({ bytes, pipe }, timeoutMs) {
        if (endedBecause !== null) throw failed(endedBecause);
        const text = Buffer.from(bytes).toString('base64');
        const limitMs = timeoutMs + WRITE_GRACE_MS;
        await call(to, { op: 'write', device, pipe, bytes: text }, limitMs, nothing, 'leave');
      },
      onPacket(next) {
        listener = next;
        const waiting = early;
        early = [];
        for (const packet of waiting) next(packet);
      },
      onClosed(closer) {
        if (endedBecause === null) closers.push(closer);
        else closer(endedBecause);
      },
      async close() {
        if (endedBecause !== null) return;
        ended('closed');
        // A device that does not close in time is closed by the end of its process.
        await call(to, { op: 'close', device }, CLOSE_LIMIT_MS, nothing).catch(() => undefined);
      },
    };
  };

  return {
    async list(buses, { withTyping = false } = {}) {
      const to = running();
      await Promise.all(buses.map((bus) => load(to, bus)));
      return call(
        to,
        { op: 'list', buses: [...buses], withTyping },
        LIST_LIMIT_MS,
        (value) => value as DeviceInfo[],
      );
    },
    async open(path, access) {
      const to = running();
      await load(to, access.bus);
      return call(to, { op: 'open', path, access }, OPEN_LIMIT_MS, (value) => connect(to, value as number));
    },
    close() {
      closed = true;
      const ending = host;
      if (ending) {
        end(ending, 'closed', false);
        ending.process.kill();
      }
      return Promise.resolve();
    },
  };
}

function failed(reason: string): CodedError {
  return new CodedError('ID_CARD_READER_FAILED', reason);
}

function nothing(): void {
  return undefined;
}
