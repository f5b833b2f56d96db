import { connect } from 'node:net';
import type { ClockPort } from '../../../core/ports/clock.ts';
import type { LogPort } from '../../../core/ports/log.ts';
import type { PrinterPort } from '../../../core/ports/printer.ts';
import { createAnsweringPrinter, type AnsweringLimits } from './answering-printer.ts';
import { converse, type PrinterConnection } from './connection.ts';

/** What the system still holds after the last byte goes out within this time, milliseconds. */
const FINISH_LIMIT_MS = 2_000;

/**
 * A network printer on raw port 9100.
 * @param ports.address `host`, `host:port` or `[IPv6]:port`; the port is 9100 when it is left out
 */
export function createTcpPrinter(ports: {
  address: string | undefined;
  clock: ClockPort;
  log: LogPort;
  limits?: Partial<AnsweringLimits>;
}): PrinterPort {
  const { address, clock } = ports;
  const target = parseAddress(address);
  return createAnsweringPrinter({
    ...ports,
    line: {
      name: address ?? '',
      connect: (ms) =>
        target ? connectTcp(target.host, target.port, ms, clock) : Promise.resolve('none' as const),
    },
  });
}

/** @returns the connection, or null when there was none within `ms` */
async function connectTcp(
  host: string,
  port: number,
  ms: number,
  clock: ClockPort,
): Promise<PrinterConnection | null> {
  const socket = connect({ host, port, noDelay: true });
  let connected = false;
  const connection = converse((events) => {
    let ended = false;
    socket.once('connect', () => {
      connected = true;
      events.opened();
    });
    socket.on('data', (chunk) => events.bytes(chunk));
    socket.on('error', () => events.ended('broken'));
    socket.on('end', () => {
      ended = true;
      events.ended('ended');
    });
    socket.on('close', () => events.ended(ended ? 'ended' : 'broken'));
    return {
      write(bytes, taken) {
        socket.write(bytes, (error) => {
          if (error === undefined || error === null) taken();
        });
      },
      drop: () => void socket.destroy(),
      finish() {
        if (socket.destroyed) return;
        socket.once(
          'close',
          clock.after(FINISH_LIMIT_MS, () => socket.destroy()),
        );
        socket.end();
      },
    };
  }, clock);
  if (await connection.until(() => connected, ms)) return connection;
  connection.drop();
  return null;
}

/** @returns null when there is no address or it is none */
export function parseAddress(address: string | undefined): { host: string; port: number } | null {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec((address ?? '').trim());
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3] ?? 9100);
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
}
