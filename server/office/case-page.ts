import type { CaseState } from '../../shared/domain/case/case.ts';
import type { Conflict } from '../../shared/domain/conflict.ts';
import { maskIdNumber, maskName, maskText } from '../../shared/domain/masking/mask.ts';
import { html, type Html } from './html.ts';
import { caseAddress, page, statusMark } from './pages.ts';
import type { CaseFile, TraceLine } from './queries.ts';
import type { OfficeSession } from './sessions.ts';
import {
  conflictWord,
  eventWords,
  flagWord,
  minute,
  resultWord,
  sheetStateWord,
  sheetWord,
  STEPS,
} from './words.ts';

const MATERIALS: Record<string, string> = {
  'seen-returned': '验原件后退回',
  'kept-original': '收原件',
  'copy-kept': '收复印件',
  'printed-signed': '打印签字',
  tolerated: '容缺',
  waived: '免提交',
  'to-bring': '待补',
};

/**
 * One case: what it is, what may be done, what has been done.
 * @param shown the whole document number, only in the answer to the press that left a trace
 */
export function casePage(
  session: OfficeSession,
  file: CaseFile,
  more: { shown?: string; said?: string; good?: boolean },
): string {
  const state = file.picture.case as CaseState;
  const open = file.picture.conflicts.filter((one) => one.state === 'open' && one.follows === undefined);
  const step = state.steps?.at(-1)?.step ?? '';
  return page(
    state.caseNo,
    session,
    html`<h1>
        ${maskText(state.item.name)}
        <span class="number">${state.caseNo}</span> ${statusMark({ ...state, step })}
      </h1>
      ${more.said && html`<p class="said ${more.good && 'good'}" role="status">${more.said}</p>`}
      <div class="columns">
        <div>
          ${open.map((conflict) => conflictPart(session, conflict, file.trace))}
          ${factsPart(session, state, more.shown)} ${materialsPart(state)} ${tracePart(file.trace)}
        </div>
        <div>
          ${state.finished ? endPart(state) : html`${stepPart(session, state, step)}${finishPart(session, state)}`}
          ${sheetsPart(state)}
        </div>
      </div>`,
  );
}

const form = (session: OfficeSession, agg: string, deed: string, content: Html): Html =>
  html`<form class="deed" method="post" action="${caseAddress(agg)}/${deed}">
    <input type="hidden" name="csrf" value="${session.csrf}" />${content}
  </form>`;

function factsPart(session: OfficeSession, state: CaseState, shown: string | undefined): Html {
  const { applicant } = state;
  const number = shown ?? maskIdNumber(applicant.idNumber);
  return html`<section>
    <h2>案件</h2>
    <dl>
      <dt>申请人</dt>
      <dd>${maskName(applicant.name)}</dd>
      <dt>证件号码</dt>
      <dd>
        <span class="number">${number}</span>${
          shown === undefined &&
          html` <form method="post" action="${caseAddress(state.agg)}/number" class="inline">
            <input type="hidden" name="csrf" value="${session.csrf}" /><button class="plain">
              显示完整号码（留痕）
            </button>
          </form>`
        }
      </dd>
      <dt>承办部门</dt>
      <dd>${state.item.department}</dd>
      <dt>办件类型</dt>
      <dd>${state.item.kind === 'instant' ? '即办件' : '承诺件'}</dd>
      <dt>受理</dt>
      <dd>${minute(state.acceptedAt)} · ${state.stationName} · ${state.clerkName}</dd>
      <dt>承诺期限</dt>
      <dd>${state.promised.certain ? '' : '不早于 '}${state.promised.date}</dd>
      <dt>收费</dt>
      <dd>${state.feeFen === 0 ? '不收费' : `${(state.feeFen / 100).toFixed(2)} 元`}</dd>
      <dt>排队号</dt>
      <dd>${state.ticket === '' ? '无' : state.ticket.replace('ticket/', '')}</dd>
    </dl>
  </section>`;
}

const materialsPart = (state: CaseState): Html | false =>
  state.materials.length > 0 &&
  html`<section>
    <h2>材料</h2>
    <table>
      <thead>
        <tr>
          <th>名称</th>
          <th>情况</th>
          <th>期限</th>
        </tr>
      </thead>
      <tbody>
        ${state.materials.map(
          ({ name, state: what, due }) =>
            html`<tr>
              <td>${maskText(name)}</td>
              <td>${MATERIALS[what] ?? what}</td>
              <td class="time">${due ?? ''}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;

function stepPart(session: OfficeSession, state: CaseState, step: string): Html {
  const next = STEPS[Math.min(STEPS.findIndex((one) => one === step) + 1, STEPS.length - 1)];
  return html`<section>
    <h2>流转</h2>
    ${form(
      session,
      state.agg,
      'step',
      html`<div class="choices">
          ${STEPS.map(
            (one) =>
              html`<label
                ><input
                  type="radio"
                  name="step"
                  value="${one}"
                  required${one === next && html` checked`}
                />${one}</label
              >`,
          )}
        </div>
        <textarea name="text" maxlength="1000" placeholder="意见（申请人可见）"></textarea
        ><button>记录这一步</button>`,
    )}
  </section>`;
}

const finishPart = (session: OfficeSession, state: CaseState): Html =>
  html`<section>
    <h2>办结</h2>
    ${form(
      session,
      state.agg,
      'finish',
      html`<div class="choices">
          <label><input type="radio" name="result" value="approved" required />准予</label
          ><label><input type="radio" name="result" value="refused" required />不予</label>
        </div>
        <textarea
          name="text"
          maxlength="1000"
          required
          placeholder="结果说明；不予的要写明理由和救济途径"
        ></textarea>
        <button class="main">办结并通知窗口</button>
        <p class="hint">办结后不能再流转。各窗口会自动收到结果。</p>`,
    )}
  </section>`;

function endPart(state: CaseState): Html {
  const { finished } = state;
  return html`<section>
    <h2>办结</h2>
    <p><span class="mark finished">${resultWord(finished?.result ?? '')}</span></p>
    <p>${maskText(finished?.text ?? '')}</p>
    <p class="hint">${minute(finished?.at ?? '')} · ${finished?.by}</p>
  </section>`;
}

const sheetsPart = (state: CaseState): Html | false =>
  Object.keys(state.sheets).length > 0 &&
  html`<section>
    <h2>文书</h2>
    <table>
      <tbody>
        ${Object.entries(state.sheets).map(
          ([key, what]) =>
            html`<tr>
              <td>${sheetWord(key)} 第 ${key.split(':').at(-1)} 份</td>
              <td>${sheetStateWord(what)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;

/** Both sides as they were made; whoever decides leaves an event as well. */
function conflictPart(session: OfficeSession, conflict: Conflict, trace: readonly TraceLine[]): Html {
  const side = (hash: string): Html | string => {
    const line = trace.find((one) => one.hash === hash);
    if (!line) return '不在本案记录中';
    const { what, detail } = eventWords(line.event);
    return html`${what} ${detail} · ${author(line)} · ${minute(line.event.at)}`;
  };
  return html`<section class="bad">
    <h2>冲突：${conflictWord(conflict.kind)}</h2>
    <dl class="sides">
      <dt>先到</dt>
      <dd>${side(conflict.theirs)}</dd>
      <dt>后到</dt>
      <dd>${side(conflict.mine)}</dd>
    </dl>
    ${form(
      session,
      conflict.agg,
      'decide',
      html`<input type="hidden" name="conflict" value="${conflict.id}" />
        <div class="choices">
          <label><input type="radio" name="choice" value="first" required />以先到为准</label
          ><label><input type="radio" name="choice" value="second" required />以后到为准</label>
        </div>
        <input name="note" maxlength="500" required placeholder="理由" /><button>裁定</button>`,
    )}
  </section>`;
}

const author = ({ event, clerkName, stationName }: TraceLine): string =>
  `${clerkName === '' ? event.user : `${clerkName}（${event.user}）`} · ${stationName === '' ? event.station : stationName}`;

const tracePart = (trace: readonly TraceLine[]): Html =>
  html`<section>
    <h2>痕迹</h2>
    <table>
      <thead>
        <tr>
          <th>序号</th>
          <th>时间</th>
          <th>谁</th>
          <th>做了什么</th>
          <th>标记</th>
        </tr>
      </thead>
      <tbody>
        ${trace.map((line) => {
          const { what, detail } = eventWords(line.event);
          return html`<tr>
            <td class="no">${line.cursor}</td>
            <td class="time">${minute(line.event.at)}</td>
            <td>${author(line)}</td>
            <td><strong>${what}</strong> ${detail}</td>
            <td>${line.flag !== '' && html`<span class="mark conflict">${flagWord(line.flag)}</span>`}</td>
          </tr>`;
        })}
      </tbody>
    </table>
  </section>`;
