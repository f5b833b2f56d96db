import { createHmac } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { createRateLimit } from '../api/rate-limit.ts';
import type { ApiParts } from '../api/api-parts.ts';
import { isPassing } from '../store/database.ts';
import { casePage } from './case-page.ts';
import { createDeeds, type Deed } from './deeds.ts';
import { caseAddress, listPage, sayPage, signInPage } from './pages.ts';
import { departmentsOf, listCases, readCase, STATUSES } from './queries.ts';
import { createOfficeSessions, type OfficeSession, type SignIn } from './sessions.ts';
import { STYLE } from './style.ts';
import { STEPS } from './words.ts';

const COOKIE = 'zc_office';
/** No script, nothing from elsewhere, no frame around it. */
const POLICY =
  "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const FORM_LIMIT = 16 * 1024;
/** Sign-ins of one address: a hall's office may stand behind one. */
const SIGN_INS = { burst: 20, perSecond: 20 / 60 };

const WHY: Record<Exclude<SignIn, { ok: true }>['why'], string> = {
  wrong: '大厅、工号或口令不对，请核对后再试。',
  locked: '口令连错五次，已锁定五分钟。请稍后再试，或请管理员重置口令。',
  'not-office': '这个工号没有后台角色。请在窗口登录，或请管理员添加 office 角色。',
  busy: '登录的人太多，请稍等几秒再试。',
};

const DONE: Readonly<Record<string, string>> = {
  step: '已记录这一步，各窗口会自动收到。',
  finish: '已办结，各窗口会自动收到。',
  decide: '已裁定，各窗口会自动收到。',
};

const day = z.union([z.literal(''), z.string().regex(/^\d{4}-\d{2}-\d{2}$/)]).optional();
const text = (most: number) => z.string().max(most).optional();
const listQuery = z.object({
  status: z.union([z.enum(STATUSES), z.literal('').transform(() => undefined)]).optional(),
  department: text(200),
  from: day,
  to: day,
  no: text(64),
  after: text(600),
});
const signInForm = z.object({
  hall: z.string().trim().max(32),
  id: z.string().trim().max(64),
  secret: z.string().min(1).max(200),
});
const stepForm = z.object({ step: z.enum(STEPS), text: z.string().trim().max(1000).default('') });
const finishForm = z.object({
  result: z.enum(['approved', 'refused']),
  text: z.string().trim().min(1).max(1000),
});
const decideForm = z.object({
  conflict: z.string().regex(/^[0-9a-f]{64}$/),
  choice: z.enum(['first', 'second']),
  note: z.string().trim().min(1).max(500),
});

/**
 * The back office's pages under /office: server-made HTML, a session in a cookie no script and no other site can use.
 * What is done here is an event of the hall like all others.
 */
export function officePages(app: FastifyInstance, parts: ApiParts): void {
  const { database, identity, log } = parts;
  const { pool } = database;
  const sessions = createOfficeSessions(database, identity.secret);
  const deeds = createDeeds({ database, news: parts.news });
  const signIns = createRateLimit(SIGN_INS);

  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_LIMIT },
    (_, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    if (isOwnPage(request)) return;
    log('warning', 'office call from another page', { from: request.ip, path: request.routeOptions.url });
    return say(reply.code(403), null, '不能这样打开', '请直接打开本服务器的后台页面。');
  });
  app.setErrorHandler((error: { statusCode?: number; message: string }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return say(reply.code(status), null, '看不懂这个请求', '请回到上一页重新填写。');
    log('error', 'an office page failed', { path: request.routeOptions.url, reason: error.message });
    if (isPassing(error))
      return say(
        reply.code(503),
        null,
        '数据库暂时没有回答',
        '刚才的操作可能没有保存，请稍后查看案件痕迹再决定是否重做。',
      );
    return say(reply.code(500), null, '没有成功', '请查看案件痕迹，没有这一步再重做；一直这样请告诉管理员。');
  });

  const send = (reply: FastifyReply, page: string): FastifyReply =>
    reply.type('text/html; charset=utf-8').send(page);
  const say = (reply: FastifyReply, session: OfficeSession | null, title: string, words: string) =>
    send(reply, sayPage(session, title, words));
  const go = (reply: FastifyReply, where: string): FastifyReply =>
    reply.code(303).header('location', where).send();
  const tokenOf = ({ headers }: FastifyRequest): string =>
    /(?:^|;\s*)zc_office=([\w-]{43})(?:;|$)/.exec(headers.cookie ?? '')?.[1] ?? '';
  const cookie = (reply: FastifyReply, value: string, seconds: number): FastifyReply =>
    reply.header(
      'set-cookie',
      `${COOKIE}=${value}; Path=/office; HttpOnly; SameSite=Strict; Max-Age=${seconds}`,
    );

  /** The session, or an answer that sends to the sign-in page. */
  async function signedIn(request: FastifyRequest, reply: FastifyReply): Promise<OfficeSession | null> {
    const token = tokenOf(request);
    const session = token === '' ? null : await sessions.read(token);
    if (!session) go(reply, '/office');
    return session;
  }

  app.get('/', async (request, reply) => {
    const token = tokenOf(request);
    if (token !== '' && (await sessions.read(token))) return go(reply, '/office/cases');
    return send(reply, signInPage(await onlyHall(), ''));
  });
  app.get('/style.css', (_, reply) => reply.type('text/css; charset=utf-8').send(STYLE));

  app.post('/sign-in', async (request, reply) => {
    const form = signInForm.safeParse(request.body);
    if (!form.success) return send(reply.code(400), signInPage('', '请填写大厅编号、工号和口令。'));
    const wait = signIns.take(request.ip);
    const result: SignIn = wait > 0 ? { ok: false, why: 'busy' } : await sessions.signIn(form.data);
    if (result.ok) {
      // A whole office behind one address may start its day at once.
      signIns.giveBack(request.ip);
      return go(cookie(reply, result.token, 12 * 3600), '/office/cases');
    }
    log('warning', 'office sign-in refused', { from: request.ip, why: result.why });
    const status = result.why === 'busy' ? 429 : 403;
    return send(reply.code(status), signInPage(form.data.hall, WHY[result.why]));
  });

  app.post('/sign-out', async (request, reply) => {
    const session = await signedIn(request, reply);
    if (!session || !isOwnForm(request, reply, session)) return reply;
    await sessions.end(tokenOf(request));
    return go(cookie(reply, '', 0), '/office');
  });

  app.get('/cases', async (request, reply) => {
    const session = await signedIn(request, reply);
    if (!session) return reply;
    const query = listQuery.safeParse(request.query);
    if (!query.success) return say(reply.code(400), session, '看不懂查询条件', '请重新选择条件。');
    const found = await listCases(pool, session.hall, query.data);
    return send(reply, listPage(session, query.data, await departmentsOf(pool, session.hall), found));
  });

  app.get('/cases/:id', async (request, reply) => {
    const session = await signedIn(request, reply);
    if (!session) return reply;
    const done = DONE[(request.query as { done?: keyof typeof DONE }).done ?? 'nothing'];
    return showCase(reply, session, aggOf(request), done ? { said: done, good: true } : {});
  });

  app.post('/cases/:id/number', async (request, reply) => {
    const session = await signedIn(request, reply);
    if (!session || !isOwnForm(request, reply, session)) return reply;
    const agg = aggOf(request);
    const number = (await readCase(pool, session.hall, agg))?.picture.case?.applicant.idNumber;
    if (number === undefined) return notThere(reply, session);
    // First the trace, then the number.
    const person = createHmac('sha256', identity.secret).update(`person\n${number}`).digest('hex');
    await make(session, {
      type: 'person.numberShown',
      agg: `person/${person}`,
      body: { where: 'office', case: agg },
    });
    return showCase(reply, session, agg, { shown: number });
  });

  app.post('/cases/:id/step', (request, reply) =>
    deed(request, reply, stepForm, 'step', (body) => ({ type: 'case.stepped', body })),
  );
  app.post('/cases/:id/finish', (request, reply) =>
    deed(request, reply, finishForm, 'finish', (body) => ({ type: 'case.finished', body })),
  );
  app.post('/cases/:id/decide', (request, reply) =>
    deed(request, reply, decideForm, 'decide', (body) => ({ type: 'conflict.decided', body })),
  );
  app.setNotFoundHandler((_, reply) => say(reply.code(404), null, '没有这一页', '请从案件列表打开。'));

  /** One deed of a clerk on a case: checked against what stands, made, and looked at. */
  async function deed<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    schema: z.ZodType<T>,
    done: keyof typeof DONE,
    of: (body: T) => Omit<Deed, 'agg'>,
  ): Promise<FastifyReply> {
    const session = await signedIn(request, reply);
    if (!session || !isOwnForm(request, reply, session)) return reply;
    const agg = aggOf(request);
    const file = await readCase(pool, session.hall, agg);
    if (!file) return notThere(reply, session);
    const form = schema.safeParse(request.body);
    if (!form.success)
      return showCase(reply.code(400), session, agg, {
        said: '没有保存：内容没有填全或太长，请补齐再提交。',
      });
    const made = of(form.data);
    if (made.type !== 'conflict.decided' && file.picture.case?.finished)
      return showCase(reply.code(409), session, agg, { said: '没有保存：这个案件已经办结。' });
    await make(session, { ...made, agg });
    // Loading the page again must not do it again.
    return go(reply, `${caseAddress(agg)}?done=${done}`);
  }

  const make = (session: OfficeSession, one: Deed): Promise<void> =>
    deeds.make({ hall: session.hall, clerk: session.clerk }, one);

  async function showCase(
    reply: FastifyReply,
    session: OfficeSession,
    agg: string,
    more: Parameters<typeof casePage>[2],
  ): Promise<FastifyReply> {
    const file = await readCase(pool, session.hall, agg);
    return file ? send(reply, casePage(session, file, more)) : notThere(reply, session);
  }

  const notThere = (reply: FastifyReply, session: OfficeSession): FastifyReply =>
    say(reply.code(404), session, '没有这个案件', '本大厅没有这个案件，请从列表打开。');

  function isOwnForm(request: FastifyRequest, reply: FastifyReply, session: OfficeSession): boolean {
    const sent = (request.body as { csrf?: unknown } | null)?.csrf;
    if (typeof sent === 'string' && sessions.isCsrf(session, sent)) return true;
    log('warning', 'office form without its token', { from: request.ip, path: request.routeOptions.url });
    say(reply.code(403), session, '没有保存', '这个页面已经过期，请重新打开案件再做一次。');
    return false;
  }

  /** With one hall its number need not be typed. */
  async function onlyHall(): Promise<string> {
    const halls = await pool.query<{ hall: string }>('select hall from hall limit 2');
    return halls.rows.length === 1 ? (halls.rows[0]?.hall ?? '') : '';
  }
}

const aggOf = ({ params }: FastifyRequest): string => `case/${(params as { id: string }).id}`;

/**
 * A form of another site must do nothing, and a frame or script of one must read nothing. Browsers name the page that
 * asks; what names none is no browser, and has no cookie either.
 */
function isOwnPage({ headers, method }: FastifyRequest): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  // Either scheme: a proxy in front may speak TLS.
  if (origin !== undefined && origin !== `http://${host ?? ''}` && origin !== `https://${host ?? ''}`)
    return false;
  if (method === 'GET' || method === 'HEAD')
    return site !== 'cross-site' || headers['sec-fetch-mode'] === 'navigate';
  return site === undefined || site === 'same-origin' || site === 'none';
}
