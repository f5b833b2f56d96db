import type { DeviceAccess } from '../../../core/ports/reader-device.ts';
import { DeviceError } from '../device-error.ts';
import type { UsbEndpointLike } from './usb-library.ts';

/** A pipe as its carrier numbers it, and the endpoint of this device behind it. */
export interface Pipe {
  /** The address in the profile: what packets are marked with. */
  pipe: number;
  endpointNumber: number;
  /** Bytes of one packet. */
  packetSize: number;
}

const IN = 0x80;

/**
 * Finds the endpoints that a profile names. A device that has others, but exactly as many of each direction, is taken in
 * the order of its descriptor: firmware of this class numbers its endpoints differently and is otherwise the same.
 * @throws DeviceError when the device has neither
 */
export function choosePipes(
  endpoints: readonly UsbEndpointLike[],
  access: Extract<DeviceAccess, { bus: 'usb' }>,
): { out: Pipe[]; in: Pipe[]; asNamed: boolean } {
  const bulk = endpoints.filter(({ type }) => type === 'bulk');
  const named = (addresses: readonly number[]): (Pipe | null)[] =>
    addresses.map((pipe) => {
      const endpoint = bulk.find((e) => addressOf(e) === pipe);
      return endpoint ? asPipe(pipe, endpoint) : null;
    });
  const inOrder = (addresses: readonly number[], direction: 'in' | 'out'): Pipe[] | null => {
    const there = bulk.filter((e) => e.direction === direction);
    if (there.length !== addresses.length) return null;
    return there.map((endpoint, i) => asPipe(addresses[i] ?? 0, endpoint));
  };
  const [out, input] = [named(access.out), named(access.in)];
  if (isComplete(out) && isComplete(input)) return { out, in: input, asNamed: true };
  const [otherOut, otherIn] = [inOrder(access.out, 'out'), inOrder(access.in, 'in')];
  if (otherOut && otherIn) return { out: otherOut, in: otherIn, asNamed: false };
  throw new DeviceError(
    'ID_CARD_READER_FAILED',
    `it has the endpoints ${endpoints.map((e) => `${hex(addressOf(e))} ${e.type}`).join(', ') || 'none'}, not the profile’s`,
  );
}

function addressOf({ endpointNumber, direction }: UsbEndpointLike): number {
  return endpointNumber | (direction === 'in' ? IN : 0);
}

function asPipe(pipe: number, { endpointNumber, packetSize }: UsbEndpointLike): Pipe {
  return { pipe, endpointNumber, packetSize };
}

function isComplete(pipes: (Pipe | null)[]): pipes is Pipe[] {
  return pipes.every((pipe) => pipe !== null);
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
