import { join } from 'node:path';
import { z } from 'zod';
import {
  clerkRecordSchema,
  hallPolicySchema,
  MASTER_NAMES,
  masterAnswer,
  masterIndexAnswer,
  type ClerkRecord,
  type HallPolicy,
  type MasterName,
} from '../../../shared/contract/master.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { Output } from '../../../shared/contract/index.ts';
import type { SessionFetch } from '../central/session.ts';
import { createTurns } from '../../../shared/sync/turns.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { HttpResponse } from '../ports/http.ts';
import type { LogPort } from '../ports/log.ts';
import { sealedFile } from '../settings/sealed-file.ts';

/** Longest one value may take, milliseconds. */
const FETCH_LIMIT_MS = 8_000;
/** Hints come with every event of the hall; so often at most they are a reason to ask, milliseconds. */
const ASK_EVERY_MS = 60_000;
/** An unchanged copy's confirmation is written so often, milliseconds. */
const WRITE_EVERY_MS = 10 * 60_000;

const copySchema = z.object({ hall: z.string(), tag: z.string(), value: z.json() });
type Copy = z.infer<typeof copySchema>;
const checkedSchema = z.object({ hall: z.string(), at: z.number() });

/** The hall's data as the server last gave it, at hand without the line. */
export interface Master {
  read(name: MasterName): Output<'master.read'>;
  clerks(): ClerkRecord[];
  policy(): HallPolicy;
  /** When the server last confirmed everything, milliseconds since 1970; null when never. */
  checkedAt(): number | null;
  /** Asks the server what has changed and fetches that. @returns whether it answered; never rejects */
  refresh(limitMs?: number): Promise<boolean>;
  /** Something may have changed: asks by and by. */
  nudge(): void;
  close(): Promise<void>;
}

export async function openMaster(ports: {
  folder: string;
  key: Uint8Array;
  clock: ClockPort;
  log: LogPort;
  /** The hall this device belongs to now; null before it is enrolled. */
  hall: () => string | null;
  fetch: (call: SessionFetch) => Promise<HttpResponse>;
  /** Steady time, see clerks/steady-time.ts. */
  now: () => number;
  onChanged: (name: MasterName) => void;
  /** The server has just confirmed or given everything. */
  onChecked: () => void;
}): Promise<Master> {
  const { clock, log, key } = ports;
  const file = (name: string) => sealedFile(join(ports.folder, `${name}.sealed`), `master/${name}`, key);
  const copies = new Map<MasterName, Copy>();
  const turns = createTurns();
  const ending = new AbortController();
  let askedAt = -Infinity;
  let cancel: () => void = () => undefined;

  for (const name of MASTER_NAMES) {
    const kept = copySchema.safeParse(await file(name).read());
    if (kept.success) copies.set(name, kept.data);
  }
  const keptCheck = checkedSchema.safeParse(await file('checked').read());
  let checked = keptCheck.success ? keptCheck.data : null;
  let checkWritten = checked?.at ?? -Infinity;

  /** Another hall's data is nobody's business here (P3). */
  const copyOf = (name: MasterName): Copy | undefined => {
    const copy = copies.get(name);
    return copy && copy.hall === ports.hall() ? copy : undefined;
  };
  const checkedAt = (): number | null => (checked && checked.hall === ports.hall() ? checked.at : null);

  async function get<T>(path: string, schema: z.ZodType<T>, until: number, tag?: string): Promise<T | null> {
    const left = Math.min(FETCH_LIMIT_MS, until - clock.monotonic());
    if (left <= 0) throw new CodedError('CENTRAL_UNREACHABLE', 'no time left');
    const { status, body } = await ports.fetch({
      method: 'GET',
      path,
      headers: { accept: 'application/json', ...(tag === undefined ? {} : { 'if-none-match': `"${tag}"` }) },
      timeoutMs: left,
      signal: ending.signal,
    });
    if (status === 304) return null;
    if (status !== 200) throw new CodedError('CENTRAL_BAD_ANSWER', `master: status ${status}`);
    return schema.parse(JSON.parse(body));
  }

  async function take(name: MasterName, hall: string, wanted: string | null, until: number): Promise<void> {
    const old = copyOf(name);
    if ((old?.tag ?? null) === wanted) return;
    if (wanted === null) {
      copies.delete(name);
      await file(name).write({});
    } else {
      const answer = await get(`/master/${name}`, masterAnswer, until, old?.tag);
      if (answer === null || answer.tag === null) return;
      const copy = { hall, tag: answer.tag, value: answer.value };
      // First here, then for others: what is used must be there after a restart too.
      await file(name).write(copy);
      copies.set(name, copy);
    }
    log.write('info', 'master', 'changed', { name });
    ports.onChanged(name);
  }

  async function refreshOnce(limitMs: number): Promise<boolean> {
    const hall = ports.hall();
    if (hall === null || ending.signal.aborted) return false;
    const until = clock.monotonic() + limitMs;
    try {
      const index = await get('/master', masterIndexAnswer, until);
      // Clerks first: somebody may be waiting to sign in.
      const names: MasterName[] = ['clerks', ...MASTER_NAMES.filter((name) => name !== 'clerks')];
      for (const name of names) await take(name, hall, index?.tags[name] ?? null, until);
      askedAt = clock.monotonic();
      ports.onChecked();
      checked = { hall, at: ports.now() };
      if (Math.abs(checked.at - checkWritten) >= WRITE_EVERY_MS) {
        checkWritten = checked.at;
        await file('checked').write(checked);
      }
      return true;
    } catch (error) {
      // The line's own state says that it is down; anything else is worth a line in the log.
      if (!(error instanceof CodedError && error.code === 'CENTRAL_UNREACHABLE'))
        log.write('warning', 'master', 'not refreshed', { reason: String(error) });
      return false;
    }
  }

  return {
    read(name) {
      const copy = copyOf(name);
      return { value: copy?.value ?? null, tag: copy?.tag ?? null, checkedAt: checkedAt() };
    },
    clerks() {
      const read = z.array(clerkRecordSchema).safeParse(copyOf('clerks')?.value ?? []);
      return read.success ? read.data : [];
    },
    policy() {
      const read = hallPolicySchema.safeParse(copyOf('policy')?.value ?? {});
      return read.success ? read.data : {};
    },
    checkedAt,
    refresh: (limitMs = 30_000) =>
      new Promise((resolve) => {
        // Also while an earlier question still waits for a line that is dead.
        const end = clock.after(limitMs, () => resolve(false));
        void turns
          .take(() => refreshOnce(limitMs))
          .then((done) => {
            end();
            resolve(done);
          });
      }),
    nudge() {
      if (ending.signal.aborted) return;
      cancel();
      const wait = Math.max(0, askedAt + ASK_EVERY_MS - clock.monotonic());
      cancel = clock.after(wait, () => void turns.take(() => refreshOnce(30_000)));
    },
    async close() {
      cancel();
      ending.abort();
      await turns.idle();
    },
  };
}
