import { isDay } from '../calendar/day.ts';
import { questionsOf } from './conditions.ts';
import type { Condition, FillRule, FormField, Item } from './item.ts';
import type { Report } from './shape.ts';

/** Faults of an item whose shape is right: parts that do not fit each other. */
export type ItemRuleProblem =
  | 'not-a-day'
  | 'duplicate'
  | 'pinyin-count'
  | 'unknown-question'
  | 'unknown-option'
  | 'asks-later-question'
  | 'unknown-group'
  | 'unused-group'
  | 'bad-pattern'
  | 'not-in-list'
  | 'no-default'
  | 'unreachable'
  | 'promise-exceeds-law'
  | 'promise-does-not-fit-kind';

/** Reports what contradicts itself in an item that has the shape of one. */
export function checkItemRules(item: Item, report: Report<ItemRuleProblem>): void {
  if (!isDay(item.effectiveFrom)) report('effectiveFrom', 'not-a-day');
  checkPinyin(item, report);
  checkLimits(item, report);
  checkConditions(item, report);
  checkFee(item, report);
  unique(item.situations, 'situations', report);
  item.situations.forEach((question, i) => unique(question.options, `situations[${i}].options`, report));
  unique(item.materials, 'materials', report);
  unique(item.formGroups, 'formGroups', report);
  unique(item.form, 'form', report);
  item.formGroups.forEach(({ id }, i) => {
    if (!item.form.some((field) => field.group === id)) report(`formGroups[${i}].id`, 'unused-group');
  });
  item.form.forEach((field, i) => checkField(item, field, `form[${i}]`, report));
}

function checkPinyin(item: Item, report: Report<ItemRuleProblem>): void {
  const fits = (text: string, pinyin: string): boolean =>
    (text.match(/\p{Script=Han}/gu) ?? []).length === pinyin.split(' ').length;
  if (!fits(item.name, item.pinyin)) report('pinyin', 'pinyin-count');
  if (item.aliasPinyin === undefined) return;
  if (item.aliasPinyin.length !== item.aliases.length) report('aliasPinyin', 'pinyin-count');
  item.aliasPinyin.forEach((pinyin, i) => {
    if (!fits(item.aliases[i] ?? '', pinyin)) report(`aliasPinyin[${i}]`, 'pinyin-count');
  });
}

function checkLimits(item: Item, report: Report<ItemRuleProblem>): void {
  const { legalLimit, promisedLimit } = item;
  // Plain and working days cannot be compared; a hall that promises in other days than the law is taken at its word.
  if (legalLimit.dayType === promisedLimit.dayType && promisedLimit.days > legalLimit.days) {
    report('promisedLimit.days', 'promise-exceeds-law');
  }
  // 即办件 is done while the person waits, 承诺件 is not.
  if ((item.kind === 'instant') !== (promisedLimit.days === 0))
    report('promisedLimit.days', 'promise-does-not-fit-kind');
}

function checkFee(item: Item, report: Report<ItemRuleProblem>): void {
  item.fee.amounts.forEach(({ when }, i, all) => {
    const last = i === all.length - 1;
    if (last && when !== undefined) report(`fee.amounts[${i}].when`, 'no-default');
    if (!last && when === undefined) report(`fee.amounts[${i + 1}]`, 'unreachable');
  });
}

function checkConditions(item: Item, report: Report<ItemRuleProblem>): void {
  const check = (when: Condition | undefined, field: string, known: Item['situations']): void => {
    for (const { question, is } of when === undefined ? [] : questionsOf(when)) {
      const asked = item.situations.find(({ id }) => id === question);
      if (asked === undefined) report(field, 'unknown-question');
      else if (!known.includes(asked)) report(field, 'asks-later-question');
      else if (!is.every((id) => asked.options.some((option) => option.id === id)))
        report(field, 'unknown-option');
    }
  };
  // A question may hang on earlier ones only, so that asking in order always ends.
  item.situations.forEach(({ when }, i, all) => check(when, `situations[${i}].when`, all.slice(0, i)));
  for (const [name, parts] of Object.entries({
    materials: item.materials,
    form: item.form,
    'fee.amounts': item.fee.amounts,
  })) {
    parts.forEach(({ when }, i) => check(when, `${name}[${i}].when`, item.situations));
  }
}

function checkField(item: Item, field: FormField, at: string, report: Report<ItemRuleProblem>): void {
  if (!item.formGroups.some(({ id }) => id === field.group)) report(`${at}.group`, 'unknown-group');
  if (field.schema.pattern !== undefined && !compiles(field.schema.pattern))
    report(`${at}.schema.pattern`, 'bad-pattern');
  const values = field.schema.enum;
  if (values !== undefined && new Set(values).size !== values.length)
    report(`${at}.schema.enum`, 'duplicate');
  field.fill.forEach((rule, i) => checkFill(item, field, rule, `${at}.fill[${i}]`, report));
}

function checkFill(
  item: Item,
  field: FormField,
  rule: FillRule,
  at: string,
  report: Report<ItemRuleProblem>,
): void {
  const allowed = (value: string): boolean => field.schema.enum?.includes(value) ?? true;
  if (rule.from === 'rule' && !allowed(rule.value)) report(at, 'not-in-list');
  if (rule.from !== 'answer') return;
  const question = item.situations.find(({ id }) => id === rule.question);
  if (question === undefined) {
    report(at, 'unknown-question');
    return;
  }
  const { map } = rule;
  if (map === undefined) {
    // The value is then the label the person was asked with.
    if (!question.options.every(({ label }) => allowed(label))) report(at, 'not-in-list');
    return;
  }
  if (!Object.keys(map).every((key) => question.options.some(({ id }) => id === key)))
    report(at, 'unknown-option');
  if (!Object.values(map).every(allowed)) report(at, 'not-in-list');
}

function unique(parts: readonly { id: string }[], at: string, report: Report<ItemRuleProblem>): void {
  parts.forEach(({ id }, i) => {
    if (parts.findIndex((part) => part.id === id) !== i) report(`${at}[${i}].id`, 'duplicate');
  });
}

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false;
  }
}
