import { record } from '../../shared/domain/fold-event.ts';
import { maskText } from '../../shared/domain/masking/mask.ts';
import type { HallEvent } from '../../shared/sync/event.ts';

/** Steps of a case inside an office (审批环节), in their usual order. */
export const STEPS = ['承办', '审核', '批准'] as const;

const RESULTS: Record<string, string> = { approved: '准予', refused: '不予' };
export const resultWord = (result: string): string => RESULTS[result] ?? result;

const SHEETS: Record<string, string> = { slip: '受理凭条', notice: '告知书', ticket: '排队号' };
const SHEET_STATES: Record<string, string> = {
  printed: '已打印',
  'handed-over': '已交给申请人',
  uncertain: '是否打出未确认',
  resolved: '已由窗口确认',
};
export const sheetWord = (key: string): string => SHEETS[key.split(':')[1] ?? ''] ?? '文书';
export const sheetStateWord = (state: string): string => SHEET_STATES[state] ?? state;

const CONFLICTS: Record<string, string> = {
  'accepted-twice': '同一案件受理了两次',
  'finished-differently': '办结结果不一致',
  'finished-before-accepted': '没有受理就办结',
  'stepped-before-accepted': '没有受理就流转',
  'stepped-after-end': '办结以后又流转',
  'number-twice': '案件编号重复',
};
export const conflictWord = (kind: string): string => CONFLICTS[kind] ?? '记录互相矛盾';

const FLAGS: Record<string, string> = {
  conflict: '冲突',
  stale: '作出时未看到他人记录',
  unreadable: '无法解读',
  'unknown-type': '未知类型',
};
export const flagWord = (flag: string): string => FLAGS[flag] ?? flag;

/** @returns what an event says, in one plain line without a person's number */
export function eventWords({ type, body }: HallEvent): { what: string; detail: string } {
  const told = record(body) ?? {};
  const text = (key: string): string => maskText(typeof told[key] === 'string' ? told[key] : '');
  switch (type) {
    case 'case.accepted': {
      const item = record(told['item']);
      return { what: '受理', detail: typeof item?.['name'] === 'string' ? maskText(item['name']) : '' };
    }
    case 'case.stepped':
      return { what: text('step') || '流转', detail: text('text') };
    case 'case.finished':
      return { what: `办结 · ${resultWord(text('result'))}`, detail: text('text') };
    case 'sheet.settled':
      return { what: sheetWord(text('key')), detail: sheetStateWord(text('state')) };
    case 'conflict.decided':
      return { what: `裁定 · 以${told['choice'] === 'second' ? '后' : '先'}者为准`, detail: text('note') };
    case 'person.numberShown':
      return { what: '查看完整证件号码', detail: '' };
    default:
      return { what: maskText(type), detail: '' };
  }
}

const BEIJING_MS = 8 * 3_600_000;

/** `2026-11-21T01:05:11.000+00:00` → `2026-11-21 09:05`, the hall's own time, whatever zone a machine was set to */
export function minute(at: string): string {
  const ms = Date.parse(at);
  return Number.isNaN(ms)
    ? maskText(at.slice(0, 16))
    : new Date(ms + BEIJING_MS).toISOString().slice(0, 16).replace('T', ' ');
}
