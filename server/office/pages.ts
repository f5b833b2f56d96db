import { html, type Html } from './html.ts';
import { PAGE_LINES, STATUSES, type CaseFilter, type CaseLine } from './queries.ts';
import type { OfficeSession } from './sessions.ts';
import { conflictWord, minute } from './words.ts';

const STATUS_WORDS: Record<(typeof STATUSES)[number], string> = {
  open: '待办理',
  stepped: '办理中',
  finished: '已办结',
  conflict: '有冲突',
};

/** A whole page. There is no script on any of them, and none may be added: the policy of the answer forbids it. */
export function page(title: string, session: OfficeSession | null, content: Html): string {
  return html`<!doctype html>
    <html lang="zh-CN">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · 综窗后台</title>
        <link rel="stylesheet" href="/office/style.css" />
      </head>
      <body>
        <header>
          <strong>综窗 · 后台办理</strong>
          ${
            session &&
            html`<a href="/office/cases">案件</a
              ><span class="who">${session.hallName} · ${session.name}（${session.clerk}）</span>
              <form method="post" action="/office/sign-out">
                <input type="hidden" name="csrf" value="${session.csrf}" /><button>退出</button>
              </form>`
          }
        </header>
        <main>${content}</main>
      </body>
    </html>`.text;
}

export const signInPage = (hall: string, said: string): string =>
  page(
    '登录',
    null,
    html`<section class="sign-in">
      <h1>登录</h1>
      ${said !== '' && html`<p class="said" role="alert">${said}</p>`}
      <form method="post" action="/office/sign-in">
        <label
          >大厅编号<input name="hall" value="${hall}" required maxlength="32" autocomplete="off"
        /></label>
        <label>工号<input name="id" required maxlength="32" autocomplete="username" autofocus /></label>
        <label
          >口令<input name="secret" type="password" required maxlength="200" autocomplete="current-password"
        /></label>
        <button class="main">登录</button>
        <p class="hint">口令连错五次锁定五分钟。忘记口令请管理员重置。</p>
      </form>
    </section>`,
  );

export const sayPage = (session: OfficeSession | null, title: string, sentence: string): string =>
  page(
    title,
    session,
    html`<section>
      <h1>${title}</h1>
      <p>${sentence}</p>
      <p><a href="/office/cases">回到案件列表</a></p>
    </section>`,
  );

export function statusMark({ status, step, conflict }: Pick<CaseLine, 'status' | 'step' | 'conflict'>): Html {
  const [kind, word] =
    status === 'finished'
      ? ['finished', '已办结']
      : step !== ''
        ? ['stepped', `办理中 · ${step}`]
        : ['', '待办理'];
  return html`<span class="mark ${kind}">${word}</span
    >${conflict !== '' && html` <span class="mark conflict">${conflictWord(conflict)}</span>`}`;
}

/** @param agg `case/<id>` */
export const caseAddress = (agg: string): string =>
  `/office/cases/${encodeURIComponent(agg.slice('case/'.length))}`;

export function listPage(
  session: OfficeSession,
  filter: CaseFilter,
  departments: readonly string[],
  found: readonly CaseLine[],
): string {
  const lines = found.slice(0, PAGE_LINES);
  const last = found.length > PAGE_LINES ? lines.at(-1) : undefined;
  const option = (value: string, word: string, chosen: string | undefined): Html =>
    html`<option value="${value}" ${value === (chosen ?? '') && html` selected`}>${word}</option>`;
  return page(
    '案件',
    session,
    html`<h1>案件</h1>
      <form class="filter" method="get" action="/office/cases">
        <label
          >状态<select name="status">
            ${option('', '全部', filter.status)}${STATUSES.map((one) => option(one, STATUS_WORDS[one], filter.status))}
          </select></label
        >
        <label
          >部门<select name="department">
            ${option('', '全部', filter.department)}${departments.map((one) => option(one, one, filter.department))}
          </select></label
        >
        <label>受理日期从<input type="date" name="from" value="${filter.from}" /></label>
        <label>到<input type="date" name="to" value="${filter.to}" /></label>
        <label>案件编号<input name="no" value="${filter.no}" maxlength="64" size="18" /></label>
        <button class="main">查询</button><a href="/office/cases">清除条件</a>
      </form>
      ${
        lines.length === 0
          ? html`<section class="empty">没有符合条件的案件。</section>`
          : html`<table>
              <thead>
                <tr>
                  <th>案件编号</th>
                  <th>事项</th>
                  <th>部门</th>
                  <th>受理时间</th>
                  <th>承诺期限</th>
                  <th>窗口</th>
                  <th>状态</th>
                </tr>
              </thead>
              <tbody>
                ${lines.map(
                  (line) =>
                    html`<tr>
                      <td class="no"><a href="${caseAddress(line.agg)}">${line.caseNo}</a></td>
                      <td class="item">${line.itemName}</td>
                      <td>${line.department}</td>
                      <td class="time">${minute(line.acceptedAt)}</td>
                      <td class="time">${line.promisedDate}</td>
                      <td>${line.station}</td>
                      <td>${statusMark(line)}</td>
                    </tr>`,
                )}
              </tbody>
            </table>`
      }
      <nav class="pages">
        ${filter.after && html`<a href="${listAddress(filter)}">回到第一页</a>`}${last && html`<a href="${listAddress(filter, `${last.acceptedAt}|${last.agg}`)}">下一页</a>`}
      </nav>`,
  );
}

function listAddress(filter: CaseFilter, after?: string): string {
  const { status, department, from, to, no } = filter;
  const said = Object.entries({ status, department, from, to, no, after }).flatMap(([key, value]) =>
    value ? [[key, value] as [string, string]] : [],
  );
  return `/office/cases?${new URLSearchParams(said).toString()}`;
}
