import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createClerks, type Clerks } from '../../../electron/core/clerks/clerks.ts';
import { LOCK_MS, openLockOut } from '../../../electron/core/clerks/lock-out.ts';
import { openSteadyTime } from '../../../electron/core/clerks/steady-time.ts';
import { sealedFile } from '../../../electron/core/settings/sealed-file.ts';
import type { ClerkState } from '../../../shared/contract/clerk.ts';
import type { ClerkRecord, HallPolicy } from '../../../shared/contract/master.ts';
import { makeVerifier } from '../../../shared/clerks/verifier.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { createFakeClock } from '../id-card/fake-clock.ts';

const SECRET = 'K7M20-X9Q41';
const DAY = 86_400_000;
/** The real cost has its own test. */
const CHEAP = { m: 64, t: 1, p: 1 };
const key = new Uint8Array(32).fill(7);
const log = { write: () => undefined };
let wang: ClerkRecord;
let office: ClerkRecord;

beforeAll(async () => {
  const verifier = await makeVerifier(SECRET, new Uint8Array(16).fill(1), CHEAP);
  wang = { id: 'w01', name: '测试甲', roles: ['window'], verifier };
  office = { id: 'b01', name: '测试乙', roles: ['office'], verifier };
});

/** A hall PC on real sealed files; its clock can be turned, its program ended and started again. */
function pc() {
  const folder = temporaryFolder();
  const machine = {
    folder,
    list: [wang, office],
    policy: {} as HallPolicy,
    online: true,
    checkedAt: null as number | null,
    /** What somebody has added to the wall clock. */
    turned: 0,
    clerks: null as unknown as Clerks,
    said: [] as ClerkState[],
    pass: (ms: number) => fake.advance(ms),
    async start() {
      const file = (name: string) => sealedFile(join(folder, name), name, key);
      // Another process counts its monotonic clock from elsewhere.
      const from = fake.monotonic();
      const clock = {
        now: () => fake.now() + machine.turned,
        monotonic: () => fake.monotonic() - from,
        after: (ms: number, run: () => void) => fake.after(ms, run),
      };
      const steady = await openSteadyTime({ clock, log, file: file('steady') });
      machine.clerks = createClerks({
        master: {
          clerks: () => machine.list,
          policy: () => machine.policy,
          checkedAt: () => machine.checkedAt,
          refresh: async () => {
            if (!machine.online) return false;
            steady.trust();
            machine.checkedAt = steady.now();
            return true;
          },
        },
        lockOut: await openLockOut({ clock, log, file: file('lock') }),
        steady,
        clock,
        log,
        onChange: (state) => machine.said.push(state),
      });
    },
    async restart() {
      await machine.clerks.close();
      await machine.start();
    },
    async wrong(times: number) {
      const codes: string[] = [];
      for (let i = 0; i < times; i++) codes.push(await machine.try('wrong'));
      return codes;
    },
    try: (secret = SECRET, id = 'w01') =>
      machine.clerks.signIn({ id, secret }).then(
        ({ how }) => how as string,
        (error: unknown) => (error as { code: string }).code,
      ),
  };
  const fake = createFakeClock();
  return machine;
}

async function started() {
  const machine = pc();
  await machine.start();
  return machine;
}

describe('signing in at a hall PC', () => {
  it('works without the line, says which it was, and is told to the window', async () => {
    const machine = await started();
    expect(machine.clerks.state()).toMatchObject({ required: true, clerk: null });
    expect(await machine.try()).toBe('online');
    machine.online = false;
    machine.clerks.signOut();
    expect(await machine.try()).toBe('offline');
    expect(machine.said.map(({ clerk }) => clerk?.id ?? '-')).toEqual(['w01', '-', 'w01']);
    expect(machine.said.at(-1)?.clerk).toEqual({ id: 'w01', name: '测试甲', roles: ['window'] });
  });

  it('is not asked for while the hall has no clerks, and not by somebody of the back office alone', async () => {
    const machine = await started();
    expect(await machine.try(SECRET, 'b01')).toBe('CLERK_UNKNOWN');
    expect(machine.clerks.list()).toEqual([{ id: 'w01', name: '测试甲' }]);
    machine.list = [office];
    expect(machine.clerks.state().required).toBe(false);
  });

  it('ends for a clerk who is retired meanwhile, and takes new roles over', async () => {
    const machine = await started();
    await machine.try();
    machine.list = [{ ...wang, roles: ['window', 'manager'] }];
    machine.clerks.listChanged();
    expect(machine.clerks.state().clerk?.roles).toEqual(['window', 'manager']);
    machine.list = [];
    machine.clerks.listChanged();
    expect(machine.said.at(-1)).toMatchObject({ required: false, clerk: null });
  });

  it('runs out when the server has confirmed nobody for a week, unless the policy says otherwise', async () => {
    const machine = await started();
    await machine.try();
    machine.online = false;
    await machine.pass(7 * DAY - 60_000);
    expect(await machine.try()).toBe('offline');
    await machine.pass(120_000);
    expect(await machine.try()).toBe('CLERK_EXPIRED');
    machine.policy = { offlineDays: 30, idleMinutes: 10 };
    expect(await machine.try()).toBe('offline');
    expect(machine.clerks.state().idleMinutes).toBe(10);
  });

  it('gains nothing from a clock that is turned back, before or after a restart', async () => {
    const machine = await started();
    await machine.try();
    machine.online = false;
    await machine.pass(8 * DAY);
    machine.turned = -8 * DAY;
    expect(await machine.try()).toBe('CLERK_EXPIRED');
    await machine.restart();
    expect(await machine.try()).toBe('CLERK_EXPIRED');
    machine.online = true;
    expect(await machine.try()).toBe('online');
    machine.online = false;
    expect(await machine.try()).toBe('offline');
  });

  it('was never possible without the server once', async () => {
    const machine = await started();
    machine.online = false;
    expect(await machine.try()).toBe('CLERK_EXPIRED');
  });
});

describe('the lock-out', () => {
  it('comes with the fifth wrong secret, holds against the right one, and ends after five minutes', async () => {
    const machine = await started();
    expect(await machine.wrong(5)).toEqual([...Array<string>(4).fill('CLERK_WRONG_SECRET'), 'CLERK_LOCKED']);
    expect(await machine.try()).toBe('CLERK_LOCKED');
    expect(machine.clerks.state().lockedUntil).toBeGreaterThan(0);
    await machine.pass(LOCK_MS - 1_000);
    expect(await machine.try()).toBe('CLERK_LOCKED');
    await machine.pass(2_000);
    expect(machine.clerks.state().lockedUntil).toBeNull();
    expect(await machine.try()).toBe('online');
  });

  it('starts to count anew after a right secret, and counts each clerk alone', async () => {
    const machine = await started();
    machine.list = [wang, { ...wang, id: 'w02' }];
    await machine.wrong(4);
    expect(await machine.try()).toBe('online');
    expect(await machine.wrong(4)).not.toContain('CLERK_LOCKED');
    expect(await machine.try(SECRET, 'w02')).toBe('online');
  });

  it('ends early neither by a restart nor by a clock turned ahead', async () => {
    const machine = await started();
    await machine.wrong(5);
    await machine.pass(60_000);
    machine.turned = DAY;
    expect(await machine.try()).toBe('CLERK_LOCKED');
    await machine.restart();
    await machine.pass(LOCK_MS - 60_000 - 30_000);
    expect(await machine.try()).toBe('CLERK_LOCKED');
    await machine.pass(31_000);
    expect(await machine.try()).toBe('online');
  });

  it('counts tries over restarts, also one during which the program was ended', async () => {
    const machine = await started();
    await machine.wrong(4);
    const before = readFileSync(join(machine.folder, 'lock'));
    await machine.restart();
    expect(await machine.wrong(1)).toEqual(['CLERK_LOCKED']);
    // As it lay on the disk when the fifth was begun and not ended.
    writeFileSync(join(machine.folder, 'lock'), before);
    await machine.start();
    const fifth = machine.clerks.signIn({ id: 'w01', secret: 'wrong' }).catch(() => undefined);
    const begun = await changed(join(machine.folder, 'lock'), before);
    await fifth;
    writeFileSync(join(machine.folder, 'lock'), begun);
    await machine.start();
    expect(await machine.try()).toBe('CLERK_LOCKED');
  });

  it('is lifted by a new secret from the admin', async () => {
    const machine = await started();
    await machine.wrong(5);
    machine.list = [
      { ...wang, verifier: await makeVerifier('00000-00000', new Uint8Array(16).fill(2), CHEAP) },
    ];
    expect(await machine.try('00000-00000')).toBe('online');
  });

  it('holds when many try at once', async () => {
    const machine = await started();
    const codes = await Promise.all(Array.from({ length: 8 }, () => machine.try('wrong')));
    expect(codes.filter((code) => code === 'CLERK_WRONG_SECRET')).toHaveLength(4);
    expect(codes.filter((code) => code === 'CLERK_LOCKED')).toHaveLength(4);
  });

  it('is there in memory when the disk takes nothing', async () => {
    const machine = await started();
    rmSync(machine.folder, { recursive: true });
    expect((await machine.wrong(5)).at(-1)).toBe('CLERK_LOCKED');
    expect(await machine.try()).toBe('CLERK_LOCKED');
  });
});

describe('a sealed file', () => {
  it('is read by nobody without the key, nor under another name, nor when it was changed', async () => {
    const path = join(temporaryFolder(), 'a');
    await sealedFile(path, 'a', key).write({ name: '测试甲' });
    const text = readFileSync(path, 'utf8');
    expect(Buffer.from(text, 'base64').toString('utf8')).not.toContain('测试甲');
    expect(await sealedFile(path, 'a', key).read()).toEqual({ name: '测试甲' });
    expect(await sealedFile(path, 'b', key).read()).toBeNull();
    expect(await sealedFile(path, 'a', new Uint8Array(32)).read()).toBeNull();
    const bytes = Buffer.from(text, 'base64');
    bytes[30]! ^= 1;
    writeFileSync(path, bytes.toString('base64'));
    expect(await sealedFile(path, 'a', key).read()).toBeNull();
  });
});

/** The file's contents as soon as they are others than before. */
async function changed(path: string, before: Buffer): Promise<Buffer> {
  for (let i = 0; i < 500; i++) {
    const now = readFileSync(path);
    if (!now.equals(before)) return now;
    await new Promise((go) => setTimeout(go, 2));
  }
  throw new Error('nothing was written');
}
