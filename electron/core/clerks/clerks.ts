import type { ClerkState, SignedClerk } from '../../../shared/contract/clerk.ts';
import { HALL_ROLES } from '../../../shared/contract/clerk.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { Output } from '../../../shared/contract/index.ts';
import type { ClerkRecord } from '../../../shared/contract/master.ts';
import { checkSecret } from '../../../shared/clerks/verifier.ts';
import { createTurns } from '../../../shared/sync/turns.ts';
import type { Master } from '../master/master.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import type { LockOut } from './lock-out.ts';
import type { SteadyTime } from './steady-time.ts';

/** How long clerks may be checked without the server, unless the hall's policy says otherwise. */
const OFFLINE_DAYS = 7;
const DAY_MS = 86_400_000;
/** Somebody stands at the keyboard: so long the server may take to confirm the list, milliseconds. */
const CONFIRM_LIMIT_MS = 2_000;

/** Who works at this machine, checked against what the server last told (sync.md "clerks sign in … offline"). */
export interface Clerks {
  state(): ClerkState;
  /** @throws CodedError CLERK_UNKNOWN, CLERK_LOCKED, CLERK_EXPIRED, CLERK_WRONG_SECRET */
  signIn(input: { id: string; secret: string }): Promise<Output<'clerk.signIn'>>;
  signOut(): void;
  list(): { id: string; name: string }[];
  /** Who is signed in, as events name a clerk. */
  signedIn(): { id: string; name: string } | null;
  /** The list of clerks has changed: whoever is no longer on it is signed out. */
  listChanged(): void;
  close(): Promise<void>;
}

export function createClerks(ports: {
  master: Pick<Master, 'clerks' | 'policy' | 'checkedAt' | 'refresh'>;
  lockOut: LockOut;
  steady: SteadyTime;
  clock: ClockPort;
  log: LogPort;
  onChange: (state: ClerkState) => void;
}): Clerks {
  const { master, lockOut, steady, clock, log } = ports;
  // One secret at a time: guessing in parallel would pass the count.
  const turns = createTurns();
  let current: SignedClerk | null = null;
  let lastTried = '';

  /** Those with a place at a hall PC. Somebody of the back office alone is nobody here. */
  const known = (): ClerkRecord[] =>
    master.clerks().filter(({ roles }) => roles.some((role) => HALL_ROLES.includes(role)));

  function offlineUntil(): number | null {
    const at = master.checkedAt();
    if (at === null || known().length === 0) return null;
    return at + (master.policy().offlineDays ?? OFFLINE_DAYS) * DAY_MS;
  }

  function state(): ClerkState {
    const locked = lockOut.left(lastTried);
    return {
      required: known().length > 0,
      clerk: current,
      lockedUntil: locked > 0 ? Math.round(clock.now() + locked) : null,
      offlineUntil: offlineUntil(),
      idleMinutes: master.policy().idleMinutes ?? null,
    };
  }

  async function signIn(id: string, secret: string): Promise<Output<'clerk.signIn'>> {
    // The list may name a clerk who was added or retired a minute ago.
    const how = (await master.refresh(CONFIRM_LIMIT_MS)) ? 'online' : 'offline';
    const record = known().find((one) => one.id === id);
    if (!record) throw new CodedError('CLERK_UNKNOWN', id);
    // With a new secret the count begins anew: that is how the admin helps.
    const counted = `${id} ${record.verifier.slice(-12)}`;
    lastTried = counted;
    if (lockOut.left(counted) > 0) throw new CodedError('CLERK_LOCKED', id);
    const until = offlineUntil();
    if (how === 'offline' && (until === null || steady.now() > until))
      throw new CodedError('CLERK_EXPIRED', id);
    await lockOut.begin(counted);
    if (!(await checkSecret(secret, record.verifier))) {
      const locked = await lockOut.failed(counted);
      ports.onChange(state());
      throw new CodedError(locked ? 'CLERK_LOCKED' : 'CLERK_WRONG_SECRET', id);
    }
    await lockOut.passed(counted);
    current = { id, name: record.name, roles: record.roles };
    log.write('info', 'clerks', 'signed in', { clerk: id, how });
    ports.onChange(state());
    return { ...current, how };
  }

  function signOut(): void {
    if (current === null) return;
    log.write('info', 'clerks', 'signed out', { clerk: current.id });
    current = null;
    ports.onChange(state());
  }

  return {
    state,
    signIn: ({ id, secret }) => turns.take(() => signIn(id, secret)),
    signOut,
    list: () => known().map(({ id, name }) => ({ id, name })),
    signedIn: () => current && { id: current.id, name: current.name },
    listChanged() {
      const record = known().find((one) => one.id === current?.id);
      if (current !== null) {
        if (record) current = { id: record.id, name: record.name, roles: record.roles };
        else {
          signOut();
          return;
        }
      }
      ports.onChange(state());
    },
    async close() {
      await turns.idle();
      await lockOut.close();
      await steady.close();
    },
  };
}
