import type { ServerArguments } from '../arguments.ts';
import { ServerFault } from '../server-fault.ts';
import { listDevices, retireDevice } from '../store/device-list.ts';
import type { Store } from '../store/open-store.ts';

/** `device list | retire`, beside a running server. @throws ServerFault in words */
export async function deviceCommand({ database }: Store, args: ServerArguments): Promise<void> {
  const { hall } = args.place;
  const { id } = args.named;
  if (args.action === 'list') {
    for (const device of await listDevices(database.pool, hall)) {
      const { dev, station, series, state, machine, address, events } = device;
      const seen = device.seenAt?.toISOString() ?? '-';
      console.log([dev, station, series, state, machine || '-', address || '-', seen, events].join('\t'));
      for (const { at, name, detail } of device.notices)
        console.log(`  ! ${at.toISOString()}\t${name}\t${detail}`);
    }
  } else if (args.action === 'retire') {
    await retireDevice(database, hall, id);
    console.log(
      `${id} 已停用。它尚未送出的记录仍在那台电脑上,重新登记后会自动送出。 Retired. What it had not sent is still on it and comes when it is enrolled again.`,
    );
  } else {
    throw new ServerFault(
      'BAD_ARGUMENTS',
      'device 之后要写 list 或 retire。',
      'device is followed by list or retire.',
    );
  }
}
