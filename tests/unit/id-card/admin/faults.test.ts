import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../../../electron/core/id-card/admin/faults.ts';
import { CodedError, type ErrorCode } from '../../../../shared/contract/errors.ts';
import { createSystemClock } from '../../../../electron/adapters/node/clock.ts';
import { createSimulatedReader } from '../../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import { makeTestCore } from '../../../fixtures/core.ts';
import { createDesk, waiting } from '../desk.ts';
import type { Desk } from '../desk.ts';

const LIMIT_MS = 40_000;

/** The first error a desk shows after something was done to it. */
async function errorOf(desk: Desk, act: (desk: Desk) => void): Promise<string> {
  act(desk);
  const error = (): string | undefined => desk.states.find((state) => state.error !== undefined)?.error;
  await desk.clock.until(() => error() !== undefined, LIMIT_MS);
  return error() ?? '';
}

/** A device that is there and cannot be opened, for this reason. */
const notOpened = (code: ErrorCode) => async (): Promise<string> =>
  errorOf(
    await createDesk({
      devices: (real) => ({
        list: (buses) => real.list(buses),
        open: () => Promise.reject(new CodedError(code)),
      }),
    }),
    () => undefined,
  );

/** How each fault of the table is made to happen, up to the code on the clerk's screen. */
const MADE: Record<string, () => Promise<string>> = {
  'no reader attached': async () => errorOf(await createDesk({ real: { attached: false } }), () => undefined),
  'the cable is pulled, also in the middle of a read': async () => {
    const desk = await waiting();
    desk.real.faults.add({ on: 'read', unplug: 'half-way' });
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reader.status().phase === 'absent', LIMIT_MS);
    return desk.reader.status().error ?? '';
  },
  'one command without an answer': async () =>
    errorOf(await waiting(), (desk) => {
      desk.real.faults.add({ on: 'read', silent: true, times: Infinity });
      desk.real.cards.place('jia');
    }),
  'two commands in a row without an answer: the reader is opened anew': async () =>
    errorOf(await waiting(), (desk) => desk.real.faults.add({ on: 'any', silent: true, times: Infinity })),
  'answers damaged again and again (checksum, length, envelope)': async () =>
    errorOf(await waiting(), (desk) => {
      desk.real.faults.add({ on: 'read', damage: 'checksum', times: Infinity });
      desk.real.cards.place('jia');
    }),
  'the device cannot be opened or written to': notOpened('ID_CARD_READER_FAILED'),
  'another program has the device open': notOpened('ID_CARD_READER_BUSY'),
  'the system does not let this user open it (no udev rule)': notOpened('ID_CARD_NO_PERMISSION'),
  "no driver (WinUSB), or the maker's library is not there": notOpened('ID_CARD_DRIVER_MISSING'),
  "the maker's library is 32-bit": notOpened('ID_CARD_DRIVER_32BIT'),
  'the device host crashed three times in a minute': notOpened('ID_CARD_DRIVER_CRASHED'),
  'DK module without a SAM of its own': async () =>
    errorOf(await waiting({ real: { carrier: 'dk' } }), (desk) =>
      desk.real.faults.add({ on: 'any', cloudOnly: true, times: Infinity }),
    ),
  'a demo card is to be placed while a real reader is in use': async () => {
    const real = createSimulatedReader({ clock: createSystemClock() });
    const machine = await makeTestCore({ devices: real.port });
    await machine.hear('card.state', ({ phase, reader }) => phase === 'waiting' && reader?.demo === false);
    return machine.call('card.placeDemo', { id: 'jia' }).then(
      () => '',
      (error: unknown) => (error as CodedError).code,
    );
  },
};

describe('the table of faults', () => {
  it.each(FAULTS)('$fault: $error', async ({ fault, error }) => {
    const make = MADE[fault];
    expect(make, 'no test makes this fault').toBeDefined();
    expect(await make?.()).toBe(error);
  });
});
