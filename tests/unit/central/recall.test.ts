import { expect, it } from 'vitest';
import { eventOf } from '../journal/harness.ts';
import { enrolledMachine, NOWHERE, pushAll } from './harness.ts';

it('sends again what a silent fail-over lost of an incarnation that is over, although nothing else tells of it', async () => {
  const { server, machine } = await enrolledMachine();
  await machine.work(3);
  await pushAll(machine.central);
  await machine.journal.renew('shortened');
  expect(server.events).toHaveLength(3);
  // A copy that misses the newest takes over under the same epoch; the window's store has lost its place as well.
  server.restore(1);
  server.expireTokens();
  const { action } = await machine.central.hello(NOWHERE);
  expect(action).toBe('ok');
  await pushAll(machine.central);
  expect(server.events.map((kept) => eventOf(kept).cmd)).toEqual([
    'cmd-00000000',
    'cmd-00000001',
    'cmd-00000002',
  ]);
});

it('does not ask while there is no incarnation that is over', async () => {
  const { server, machine } = await enrolledMachine();
  await machine.work(1);
  await pushAll(machine.central);
  await machine.central.hello(NOWHERE);
  expect(server.calls('/want')).toBe(0);
});
