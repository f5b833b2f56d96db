import type { Json } from '../../../shared/sync/canonical-json.ts';
import { maskIdNumber, maskName, maskText } from '../../../shared/domain/masking/mask.ts';
import type { EventView } from '../db/sync-views.ts';
import { windowNo } from './window-no.ts';

/** A value as it stands on the screen: a message with its parameters, or plain text that is masked already. */
export type Told = { key: string; params: Record<string, string> } | { text: string };

/** One line of two events side by side. */
export interface FactRow {
  id: string;
  /** What it is: a message key, or the words of the item's own form. */
  label: Told;
  first: Told;
  second: Told;
  differs: boolean;
}

interface Fact {
  label: Told;
  value: Told;
  /** What was recorded, to tell whether two lines are the same. Never shown. */
  raw: string;
}
type Facts = Map<string, Fact>;
type Body = Record<string, Json>;

/** The words an item has for its questions and fields; '' for what it does not know. */
export type TitleOf = (itemCode: string, kind: 'answer' | 'form', id: string) => string;

const NOTHING: Told = { text: '—' };

/**
 * What two events say, line by line, in the order of the counter. Numbers of persons are masked; two that differ only
 * in what the mask hides are still marked as different, because what is compared is what was recorded.
 */
export function factRows(first: EventView | null, second: EventView, titleOf: TitleOf): FactRow[] {
  const one = first ? factsOf(first, titleOf) : (new Map() as Facts);
  const two = factsOf(second, titleOf);
  return [...new Set([...one.keys(), ...two.keys()])].flatMap((id) => {
    const [a, b] = [one.get(id), two.get(id)];
    const either = a ?? b;
    if (!either) return [];
    return {
      id,
      label: either.label,
      first: a?.value ?? NOTHING,
      second: b?.value ?? NOTHING,
      differs: a?.raw !== b?.raw,
    };
  });
}

/** Number of the ticket or the case an event is about; '' when nothing says it. */
export function subjectOf(agg: string, events: readonly (EventView | null)[]): string {
  for (const event of events) {
    const body = event?.body ?? {};
    const no = body['caseNo'] ?? body['no'];
    if (typeof no === 'string' && no !== '') return no;
  }
  return ticketNoOf(agg);
}

/** `ticket/2026-11-21-A017` → `A017`. */
export const ticketNoOf = (agg: string): string => /^ticket\/\d{4}-\d{2}-\d{2}-(.+)$/.exec(agg)?.[1] ?? '';

function factsOf({ type, body, station }: EventView, titleOf: TitleOf): Facts {
  return type === 'case.accepted' ? acceptedFacts(body, titleOf) : simpleFacts(body, station);
}

/** The bodies of tickets, steps and results are small: every field of them that a person understands. */
function simpleFacts(body: Body, at: string): Facts {
  const facts: Facts = new Map();
  const put = (id: string, say: (value: string) => Told): void => {
    const value = body[id];
    if (typeof value === 'string') facts.set(id, { label: labelOf(id), value: say(value), raw: value });
  };
  put('no', plain);
  put('class', (value) => ({ key: `ticketClass.${value}`, params: {} }));
  // Who recorded it stands above; only another window's name says more.
  if (body['station'] !== at)
    put('station', (value) => ({ key: 'conflictPage.window', params: { n: windowNo(value) } }));
  put('reason', (value) => ({ key: `conflictReason.${value}`, params: {} }));
  put('result', (value) => ({ key: `conflictResult.${value}`, params: {} }));
  put('step', plain);
  put('text', plain);
  const { caseNos } = body;
  if (Array.isArray(caseNos)) {
    const text = caseNos.map(wordOf).join(' ');
    facts.set('caseNos', { label: labelOf('caseNos'), value: plain(text), raw: text });
  }
  return facts;
}

function acceptedFacts(body: Body, titleOf: TitleOf): Facts {
  const facts: Facts = new Map();
  const put = (id: string, raw: Json | undefined, value: Told = plain(raw), title = ''): void => {
    if (raw === undefined) return;
    const label = title === '' ? labelOf(id) : { text: title };
    facts.set(id, { label, value, raw: JSON.stringify(raw) });
  };
  const item = recordOf(body['item']);
  const code = wordOf(item['code']);
  const { name, idNumber } = recordOf(body['applicant']);
  put('caseNo', body['caseNo']);
  put('item', item['name']);
  put('name', name, plain(maskName(wordOf(name))));
  put('idNumber', idNumber, plain(maskIdNumber(wordOf(idNumber))));
  const fen = body['feeFen'];
  put('fee', fen, { key: 'side.yuan', params: { n: String(Number(fen) / 100) } });
  put('promised', recordOf(body['promised'])['date']);
  for (const [id, answer] of Object.entries(recordOf(body['answers'])))
    put(`answer:${id}`, answer, plain(answer), titleOf(code, 'answer', id) || id);
  for (const [id, field] of Object.entries(recordOf(body['form']))) {
    const { value } = recordOf(field);
    const shown = id === 'name' ? maskName(wordOf(value)) : value;
    put(`form:${id}`, value, plain(shown), titleOf(code, 'form', id) || id);
  }
  for (const one of (Array.isArray(body['materials']) ? body['materials'] : []).map(recordOf)) {
    const { id, state } = one;
    const told = { key: `materialState.${wordOf(state)}`, params: { date: wordOf(one['due']) } };
    put(`material:${wordOf(id)}`, state, told, wordOf(one['name']) || wordOf(id));
  }
  return facts;
}

const labelOf = (id: string): Told => ({ key: `conflictField.${id}`, params: {} });
const recordOf = (value: Json | undefined): Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
/** What stands alone as a word; '' for anything else. */
const wordOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
const plain = (value: Json | undefined): Told =>
  wordOf(value) === '' ? NOTHING : { text: maskText(wordOf(value)) };
