import { randomBytes } from 'node:crypto';
import { clerkIdSchema, clerkRoleSchema, type ClerkRole } from '../../shared/contract/clerk.ts';
import type { ClerkRecord } from '../../shared/contract/master.ts';
import { makeVerifier, writeSecret } from '../../shared/clerks/verifier.ts';
import { ServerFault } from '../server-fault.ts';
import type { Queryable } from './database.ts';

export interface ClerkRow {
  id: string;
  name: string;
  roles: ClerkRole[];
  state: 'active' | 'retired';
}

const MOST_NAME = 60;

/**
 * Adds a clerk, or takes a retired one back, with a new secret.
 * @returns the secret, which is printed once and kept nowhere
 * @throws ServerFault BAD_ARGUMENTS for a hall that is not known, a clerk who is there already, or a word out of shape
 */
export async function addClerk(
  db: Queryable,
  clerk: { hall: string; id: string; name: string; roles: string[] },
): Promise<string> {
  const { hall, id } = clerk;
  const name = clerk.name.trim();
  const roles = clerkRoleSchema
    .array()
    .min(1)
    .safeParse([...new Set(clerk.roles)]);
  if (!clerkIdSchema.safeParse(id).success) throw bad(`--id ${id}`, `--id ${id}`);
  if (name === '' || name.length > MOST_NAME) throw bad('--name', '--name');
  if (!roles.success) {
    const known = clerkRoleSchema.options.join(',');
    throw bad(`--role ${clerk.roles.join(',')}（可用 ${known}）`, `--role, known are ${known}`);
  }
  const hallKnown = await db.query('select 1 from hall where hall = $1', [hall]);
  if (hallKnown.rowCount === 0) {
    throw new ServerFault(
      'BAD_ARGUMENTS',
      `大厅 ${hall} 尚未登记，请先用 code 命令建立大厅。`,
      `The hall ${hall} is not known: set it up with the command code first.`,
    );
  }
  const { secret, verifier } = await newSecret();
  const added = await db.query(
    `insert into clerk (hall, id, name, roles, verifier) values ($1, $2, $3, $4, $5)
     on conflict (hall, id) do update set name = excluded.name, roles = excluded.roles,
       verifier = excluded.verifier, state = 'active', wrong = 0, locked_until = null
     where clerk.state = 'retired'`,
    [hall, id, name, roles.data, verifier],
  );
  if (added.rowCount !== 0) return secret;
  throw new ServerFault(
    'BAD_ARGUMENTS',
    `大厅 ${hall} 已有工号 ${id}。重置口令用 clerk reset，停用用 clerk retire。`,
    `The hall ${hall} has a clerk ${id} already: see clerk reset and clerk retire.`,
  );
}

/** @returns the new secret @throws ServerFault BAD_ARGUMENTS for a clerk who is not there or is retired */
export async function resetClerk(db: Queryable, hall: string, id: string): Promise<string> {
  const { secret, verifier } = await newSecret();
  const done = await db.query(
    `update clerk set verifier = $3, wrong = 0, locked_until = null where hall = $1 and id = $2 and state = 'active'`,
    [hall, id, verifier],
  );
  if (done.rowCount === 0) throw nobody(hall, id);
  return secret;
}

/** From now on the clerk signs in nowhere that has heard of it. @throws ServerFault BAD_ARGUMENTS */
export async function retireClerk(db: Queryable, hall: string, id: string): Promise<void> {
  const done = await db.query(
    `update clerk set state = 'retired' where hall = $1 and id = $2 and state = 'active'`,
    [hall, id],
  );
  if (done.rowCount === 0) throw nobody(hall, id);
}

export async function listClerks(db: Queryable, hall: string): Promise<ClerkRow[]> {
  const found = await db.query<ClerkRow>(
    'select id, name, roles, state from clerk where hall = $1 order by state, id',
    [hall],
  );
  return found.rows;
}

/** What the hall's devices need to check a clerk without the server. */
export async function clerkRecords(db: Queryable, hall: string): Promise<ClerkRecord[]> {
  const found = await db.query<ClerkRecord>(
    `select id, name, roles, verifier from clerk where hall = $1 and state = 'active' order by id`,
    [hall],
  );
  return found.rows;
}

async function newSecret(): Promise<{ secret: string; verifier: string }> {
  const secret = writeSecret(randomBytes(16));
  return { secret, verifier: await makeVerifier(secret, randomBytes(16)) };
}

const bad = (chinese: string, english: string): ServerFault =>
  new ServerFault('BAD_ARGUMENTS', `参数不对：${chinese}。`, `Not understood: ${english}.`);

const nobody = (hall: string, id: string): ServerFault =>
  new ServerFault(
    'BAD_ARGUMENTS',
    `大厅 ${hall} 没有在用的工号 ${id}，用 clerk list 查看。`,
    `The hall ${hall} has no active clerk ${id}: see clerk list.`,
  );
