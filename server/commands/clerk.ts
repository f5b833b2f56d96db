import type { ServerArguments } from '../arguments.ts';
import { ServerFault } from '../server-fault.ts';
import { addClerk, listClerks, resetClerk, retireClerk } from '../store/clerks.ts';
import type { Store } from '../store/open-store.ts';

/** `clerk add | list | reset | retire`, beside a running server. @throws ServerFault in words */
export async function clerkCommand({ database }: Store, args: ServerArguments): Promise<void> {
  const { action } = args;
  const { id, name, roles } = args.named;
  const { hall } = args.place;
  if (action === 'add') printSecret(id, await addClerk(database.pool, { hall, id, name, roles }));
  else if (action === 'reset') printSecret(id, await resetClerk(database.pool, hall, id));
  else if (action === 'retire') {
    await retireClerk(database.pool, hall, id);
    console.log(`${id} 已停用。 Retired.`);
  } else if (action === 'list') {
    for (const clerk of await listClerks(database.pool, hall))
      console.log([clerk.id, clerk.name, clerk.roles.join(','), clerk.state].join('\t'));
  } else {
    throw new ServerFault(
      'BAD_ARGUMENTS',
      'clerk 之后要写 add、list、reset 或 retire。',
      'clerk is followed by add, list, reset or retire.',
    );
  }
}

/** On a line of its own, so that a script can take it; it is kept nowhere and cannot be shown again. */
function printSecret(id: string, secret: string): void {
  console.log(secret);
  console.error(`${id} 的口令，只显示这一次，请当面交给本人。 The secret of ${id}, shown only this once.`);
}
