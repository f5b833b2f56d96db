import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { checkNothing, checkSecret } from '../../shared/clerks/verifier.ts';
import type { ClerkRole } from '../../shared/contract/clerk.ts';
import type { Database } from '../store/database.ts';

/** Somebody of a hall's back office, signed in at this page. */
export interface OfficeSession {
  hall: string;
  hallName: string;
  clerk: string;
  name: string;
  /** Goes into every form: another page cannot know it. */
  csrf: string;
}

export type SignIn =
  { ok: true; token: string } | { ok: false; why: 'wrong' | 'locked' | 'not-office' | 'busy' };

const MOST_WRONG = 5;
const LOCK_MINUTES = 5;
/** A page left open is closed; a day at the desk ends it anyway. */
export const IDLE_MINUTES = 30;
const MOST_HOURS = 12;
/** Each check takes a third of a second of this server: so many wait at most. */
const MOST_WAITING = 4;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

export interface OfficeSessions {
  signIn(input: { hall: string; id: string; secret: string }): Promise<SignIn>;
  /** @returns null when the token is unknown or too old, or the clerk no longer of the office */
  read(token: string): Promise<OfficeSession | null>;
  end(token: string): Promise<void>;
  isCsrf(session: OfficeSession, value: string): boolean;
}

/** @param secret of the server, keys the form tokens */
export function createOfficeSessions(database: Database, secret: string): OfficeSessions {
  const { pool } = database;
  let waiting = 0;
  let turn: Promise<unknown> = Promise.resolve();

  async function check(hall: string, id: string, typed: string): Promise<SignIn> {
    // Counted before it is looked at, in one statement: guessing in parallel gains nothing.
    const counted = await pool.query<{ verifier: string; roles: ClerkRole[]; wrong: number }>(
      `update clerk set wrong = wrong + 1 where hall = $1 and id = $2 and state = 'active'
         and (locked_until is null or locked_until <= now())
       returning verifier, roles, wrong`,
      [hall, id],
    );
    const row = counted.rows[0];
    if (!row) {
      const there = await pool.query(`select 1 from clerk where hall = $1 and id = $2 and state = 'active'`, [
        hall,
        id,
      ]);
      await checkNothing(typed);
      return { ok: false, why: there.rowCount === 0 ? 'wrong' : 'locked' };
    }
    if (!(await checkSecret(typed, row.verifier))) {
      if (row.wrong < MOST_WRONG) return { ok: false, why: 'wrong' };
      await pool.query(
        `update clerk set wrong = 0, locked_until = now() + make_interval(mins => $3) where hall = $1 and id = $2`,
        [hall, id, LOCK_MINUTES],
      );
      return { ok: false, why: 'locked' };
    }
    await pool.query('update clerk set wrong = 0, locked_until = null where hall = $1 and id = $2', [
      hall,
      id,
    ]);
    if (!row.roles.includes('office')) return { ok: false, why: 'not-office' };
    const token = randomBytes(32).toString('base64url');
    await pool.query(`delete from office_session where opened_at < now() - make_interval(hours => $1)`, [
      MOST_HOURS,
    ]);
    await pool.query('insert into office_session (token_hash, hall, clerk) values ($1, $2, $3)', [
      hashOf(token),
      hall,
      id,
    ]);
    return { ok: true, token };
  }

  const csrfOf = (token: string): string =>
    createHmac('sha256', secret).update(`office-form\n${token}`).digest('base64url');

  return {
    async signIn({ hall, id, secret: typed }) {
      if (waiting >= MOST_WAITING) return { ok: false, why: 'busy' };
      waiting += 1;
      const mine = turn.then(() => check(hall, id, typed));
      turn = mine.catch(() => undefined);
      return mine.finally(() => {
        waiting -= 1;
      });
    },
    async read(token) {
      const found = await pool.query<Omit<OfficeSession, 'csrf'>>(
        `update office_session s set used_at = now() from clerk c, hall h
         where s.token_hash = $1 and c.hall = s.hall and c.id = s.clerk and h.hall = s.hall
           and c.state = 'active' and 'office' = any(c.roles)
           and s.used_at > now() - make_interval(mins => $2) and s.opened_at > now() - make_interval(hours => $3)
         returning s.hall, h.name as "hallName", s.clerk, c.name`,
        [hashOf(token), IDLE_MINUTES, MOST_HOURS],
      );
      const row = found.rows[0];
      return row ? { ...row, csrf: csrfOf(token) } : null;
    },
    async end(token) {
      await pool.query('delete from office_session where token_hash = $1', [hashOf(token)]);
    },
    isCsrf({ csrf }, value) {
      const [mine, theirs] = [Buffer.from(csrf), Buffer.from(value)];
      return mine.length === theirs.length && timingSafeEqual(mine, theirs);
    },
  };
}
