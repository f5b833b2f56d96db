import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acceptedBody } from '../fixtures/cases.ts';
import { readEvent, type HallEvent } from '../../shared/sync/event.ts';
import { nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';
import { makeVerifier } from '../../shared/clerks/verifier.ts';
import { retireClerk } from '../../server/store/clerks.ts';
import { rebuildProjections } from '../../server/projections/rebuild.ts';
import { testBrowser } from './browser.ts';
import { testDevice } from './device.ts';
import { startTestServer, type TestServer } from './start.ts';

const NUMBER = acceptedBody(1).applicant.idNumber;
const SECRET = 'K7M20-X9Q41';
let server: TestServer;
let halls = 660000;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

/** A hall with one window, and somebody of its back office signed in at the page. */
async function hall(cases = 1) {
  const no = String(++halls);
  const window = testDevice(() => server.url);
  await window.enrol(await server.newCode(no));
  await window.hello();
  for (let n = 1; n <= cases; n++)
    window.make(1, { type: 'case.accepted', agg: `case/c${n}`, body: acceptedBody(n) as never });
  if (cases > 0) await window.push(window.events, 1);
  await newClerk(no, 'b01', 'office');
  const browser = testBrowser(() => server.url);
  await browser.signIn(no, 'b01', SECRET);
  const events = async (): Promise<HallEvent[]> =>
    (await window.pull(0)).body.events.map(({ bytes }) => JSON.parse(bytes) as HallEvent);
  return { no, window, browser, events };
}

/** With a verifier that costs little: what the real one costs has its own test. */
async function newClerk(no: string, id: string, role: string): Promise<void> {
  const verifier = await makeVerifier(SECRET, new Uint8Array(16), { m: 64, t: 1, p: 1 });
  await server.query('insert into clerk (hall, id, name, roles, verifier) values ($1, $2, $3, $4, $5)', [
    no,
    id,
    '测试丙',
    [role],
    verifier,
  ]);
}

describe('the back office', () => {
  it('moves a case on and gives a result, and the window gets both as events like all others', async () => {
    const { no, window, browser } = await hall();
    expect(browser.page()).toContain(acceptedBody(1).caseNo);
    await browser.get('/office/cases/c1');
    const stepped = await browser.post('/office/cases/c1/step', { step: '审核', text: '材料齐全 <b>' });
    expect(stepped.text).toContain('已记录这一步');
    expect(stepped.text).toContain('材料齐全 &lt;b&gt;');
    const ended = await browser.post('/office/cases/c1/finish', { result: 'approved', text: '准予登记' });
    expect(ended.text).toContain('已办结');
    // The window's clock and the server's are both shown in the hall's time.
    const beijing = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    expect(ended.text).toContain('2026-11-21 09:00');
    expect(ended.text).toContain(`${beijing} `);

    const pulled = (await window.pull(0)).body;
    const events = pulled.events.map(({ bytes, hash }) => {
      const read = readEvent(bytes, hash);
      if (!read.ok) throw new Error(read.fault);
      return read.kept.event;
    });
    expect(events.map(({ type }) => type)).toEqual(['case.accepted', 'case.stepped', 'case.finished']);
    const [accepted, step, end] = events as [HallEvent, HallEvent, HallEvent];
    expect(end).toMatchObject({
      user: 'b01',
      station: 'office',
      hall: no,
      seq: 2,
      dev: step.dev,
      inc: step.inc,
    });
    expect(step.seen).toEqual({ last: pulled.events[0]!.hash, cursor: 1 });
    expect(end.prev).toBe(pulled.events[1]!.hash);
    expect(end.dev).not.toBe(accepted.dev);
    const hash = pulled.events.reduce((sum, one) => nextStreamHash(sum, one.hash), STREAM_HASH_OF_NOTHING);
    expect(pulled.streamHash).toBe(hash);
    expect(
      await server.query('select status, step from case_row join case_step using (hall, agg)'),
    ).toContainEqual({
      status: 'finished',
      step: '审核',
    });
    const late = await browser.post('/office/cases/c1/step', { step: '批准', text: '' });
    expect(late).toMatchObject({ status: 409 });
    expect((await window.pull(0)).body.events).toHaveLength(3);
  });

  it('shows masked what a person is, and the whole number only after a trace of it', async () => {
    const { browser, events } = await hall();
    const { text } = await browser.get('/office/cases/c1');
    expect(text).toContain('测**');
    expect(text).toContain('1101**********7777'.replace(/\*+/, '****'));
    expect(text).not.toContain(NUMBER);
    expect(text).not.toContain('测试甲');
    const shown = await browser.post('/office/cases/c1/number', {});
    expect(shown.text).toContain(NUMBER);
    expect(shown.headers.get('cache-control')).toBe('no-store');
    const trace = (await events()).at(-1)!;
    expect(trace).toMatchObject({ type: 'person.numberShown', user: 'b01', body: { case: 'case/c1' } });
    expect(JSON.stringify(trace)).not.toContain(NUMBER);
    expect((await browser.get('/office/cases/c1')).text).not.toContain(NUMBER);
  });

  it('lists by status, department, day and number, page by page without leaving one out', async () => {
    const { window, browser } = await hall(120);
    const numbers = new Set<string>();
    let next: string | undefined = '/office/cases';
    let pages = 0;
    for (; next !== undefined; pages++) {
      const { text } = await browser.get(next);
      for (const [, found] of text.matchAll(/class="no"><a href="[^"]+">([^<]+)</g)) numbers.add(found!);
      next = /<a href="([^"]+)">下一页/.exec(text)?.[1]?.replaceAll('&amp;', '&');
    }
    expect([numbers.size, pages]).toEqual([120, 3]);
    const count = async (query: string): Promise<number> =>
      [...(await browser.get(`/office/cases?${query}`)).text.matchAll(/class="no"><a/g)].length;
    expect(await count('no=A-0007')).toBe(1);
    expect(await count('from=2026-11-21&to=2026-11-21&status=open')).toBe(50);
    expect(await count('to=2026-11-20')).toBe(0);
    expect(await count('status=finished')).toBe(0);
    expect(await count(`department=${encodeURIComponent(acceptedBody(1).item.department)}`)).toBe(50);
    expect(await count("no=' or 1=1 --")).toBe(0);
    const body = {
      ...acceptedBody(900),
      caseNo: 'X-900',
      item: { ...acceptedBody(1).item, name: '<script>alert(1)</script>' },
    };
    await window.push(window.make(1, { type: 'case.accepted', agg: 'case/x', body: body as never }), 121);
    expect((await browser.get('/office/cases?no=X-900')).text).toContain('&lt;script&gt;alert(1)');
  });

  it('settles a conflict with an event, and says in words what collided', async () => {
    const { no, window, browser, events } = await hall();
    await browser.get('/office/cases/c1');
    await browser.post('/office/cases/c1/finish', { result: 'approved', text: '准予' });
    // A window that had not heard of it says otherwise.
    await window.push(
      window.make(1, { type: 'case.finished', agg: 'case/c1', body: { result: 'refused', text: '不予' } }),
      2,
    );
    expect((await browser.get('/office/cases?status=conflict')).text).toContain('办结结果不一致');
    const { text } = await browser.get('/office/cases/c1');
    const id = /name="conflict" value="([0-9a-f]{64})"/.exec(text)?.[1] ?? '';
    expect(id).toBe(window.events[1]!.hash);
    const open = 'select state, choice from conflict_row where hall = $1';
    expect(await server.query(open, [no])).toEqual([{ state: 'open', choice: '' }]);
    await browser.post('/office/cases/c1/decide', { conflict: id, choice: 'second', note: '以窗口为准' });
    expect((await events()).at(-1)).toMatchObject({ type: 'conflict.decided', agg: 'case/c1' });
    expect(await server.query(open, [no])).toEqual([{ state: 'decided', choice: 'second' }]);
    expect((await browser.get('/office/cases/c1')).text).toContain('不予');
  });
});

describe('who may come in', () => {
  it('is a clerk with the role office, and nobody after five wrong secrets for five minutes', async () => {
    const { no } = await hall();
    const browser = testBrowser(() => server.url);
    await newClerk(no, 'w01', 'window');
    expect((await browser.signIn(no, 'w01', SECRET)).text).toContain('没有后台角色');
    for (let i = 0; i < 4; i++) expect((await browser.signIn(no, 'b01', 'wrong')).text).toContain('不对');
    expect((await browser.signIn(no, 'b01', 'wrong')).text).toContain('已锁定');
    expect(await browser.signIn(no, 'b01', SECRET)).toMatchObject({ status: 403 });
    await server.query("update clerk set locked_until = now() - interval '1 second' where hall = $1", [no]);
    expect((await browser.signIn(no, 'b01', SECRET)).status).toBe(200);
  });

  it('is nobody without a session: not by address, not with another cookie, not after signing out or retiring', async () => {
    const { no, browser } = await hall();
    const stranger = testBrowser(() => server.url);
    expect(await stranger.get('/office/cases')).toMatchObject({ status: 303 });
    stranger.setCookie(`zc_office=${'A'.repeat(43)}`);
    expect(await stranger.get('/office/cases/c1')).toMatchObject({ status: 303 });
    const kept = browser.cookie();
    await browser.post('/office/sign-out', {});
    browser.setCookie(kept);
    expect(await browser.get('/office/cases')).toMatchObject({ status: 303 });
    const other = await hall();
    await retireClerk(server.database.pool, other.no, 'b01');
    expect(await other.browser.get('/office/cases')).toMatchObject({ status: 303 });
    expect(no).not.toBe(other.no);
  });

  it('never sees or touches a case of another hall', async () => {
    const [one, other] = [await hall(3), await hall(0)];
    expect(await other.browser.get('/office/cases/c1')).toMatchObject({ status: 404 });
    await other.browser.get('/office/cases');
    const answer = await other.browser.post('/office/cases/c1/finish', { result: 'approved', text: '准予' });
    expect(answer).toMatchObject({ status: 404 });
    expect(await one.events()).toHaveLength(3);
  });

  it('is no other site: its forms, frames and scripts are refused, and so is a form without this page’s token', async () => {
    const { browser, events } = await hall();
    await browser.get('/office/cases/c1');
    const finish = { result: 'approved', text: '准予' };
    const tries = [
      await browser.post('/office/cases/c1/finish', finish, { origin: 'http://evil.example' }),
      await browser.post('/office/cases/c1/finish', finish, { origin: 'null' }),
      await browser.post('/office/cases/c1/finish', finish, { 'sec-fetch-site': 'cross-site' }),
    ];
    expect(tries.map(({ status }) => status)).toEqual([403, 403, 403]);
    await browser.get('/office/cases/c1');
    expect(await browser.post('/office/cases/c1/finish', { ...finish, csrf: 'x' })).toMatchObject({
      status: 403,
    });
    expect(await events()).toHaveLength(1);
    const { headers } = await browser.get('/office/cases');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';.*frame-ancestors 'none'/);
    const signedIn = await fetch(`${server.url}/office`);
    expect(signedIn.headers.get('x-frame-options')).toBe('DENY');
    const devices = await fetch(`${server.url}/v1/health`, { headers: { origin: server.url } });
    expect(devices.status).toBe(403);
  });

  it('gets the session in a cookie that no script and no other site can use', async () => {
    const { no } = await hall(0);
    const answer = await fetch(`${server.url}/office/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: server.url },
      body: new URLSearchParams({ hall: no, id: 'b01', secret: SECRET }).toString(),
    });
    expect(answer.headers.get('set-cookie')).toMatch(/; Path=\/office; HttpOnly; SameSite=Strict/);
  });
});

describe('what back offices query', () => {
  it('is folded again from the events into equal rows, also when all of it was lost', async () => {
    const { no, window, browser } = await hall(2);
    await browser.get('/office/cases/c1');
    await browser.post('/office/cases/c1/step', { step: '承办', text: '' });
    await browser.post('/office/cases/c1/finish', { result: 'approved', text: '准予' });
    await window.push(
      [
        ...window.make(1, { type: 'case.finished', agg: 'case/c1', body: { result: 'refused', text: '' } }),
        ...window.make(1, {
          type: 'sheet.settled',
          agg: 'case/c2',
          body: { key: 'case/c2:slip:1', state: 'printed', payloadHash: 'a' },
        }),
        // Another case under the number of the first, as after a cloned machine.
        ...window.make(1, { type: 'case.accepted', agg: 'case/a0', body: acceptedBody(1) as never }),
      ],
      3,
    );
    const tables = ['case_row', 'ticket_row', 'document_row', 'case_step', 'conflict_row'];
    const rows = async (): Promise<unknown[]> =>
      Promise.all(
        tables.map((table) => server.query(`select * from ${table} where hall = $1 order by agg`, [no])),
      );
    const before = await rows();
    expect(before.map((found) => (found as unknown[]).length)).toEqual([3, 0, 1, 1, 2]);
    await rebuildProjections(server.database);
    expect(await rows()).toEqual(before);
    for (const table of tables) await server.query(`delete from ${table}`);
    await rebuildProjections(server.database);
    expect(await rows()).toEqual(before);
  });

  it('has a ledger of every case: who, when, what, and what was flagged', async () => {
    const { no, window, browser } = await hall();
    await browser.get('/office/cases/c1');
    await browser.post('/office/cases/c1/finish', { result: 'approved', text: '准予' });
    await window.push(
      window.make(1, { type: 'case.finished', agg: 'case/c1', body: { result: 'refused', text: '\u0000' } }),
      2,
    );
    const lines = await server.query(
      'select cursor, type, clerk, station, flag from ledger where hall = $1 order by cursor',
      [no],
    );
    expect(lines).toEqual([
      { cursor: 1, type: 'case.accepted', clerk: 'clerk-1', station: '3', flag: '' },
      { cursor: 2, type: 'case.finished', clerk: 'b01', station: 'office', flag: '' },
      { cursor: 3, type: 'case.finished', clerk: '', station: '', flag: 'conflict' },
    ]);
  });
});
