import type { Counter } from './counter.ts';

/** What a clerk types when the program cannot know it, by field. All invented. */
const ANSWERS: Record<string, string> = {
  phone: '13800000000',
  bankName: '测试银行测试支行',
  bankAccount: '6200000000000000000',
  businessName: '测试县演示小吃店',
  businessScope: '餐饮服务',
  placeAddress: '测试路2号',
  certificateNo: '浙(2020)测试不动产权第0000001号',
  otherName: '测试乙',
  otherIdNumber: '110101190001017777',
};

export interface Visit {
  /** Demo card to lay down; null when the case is already open. */
  card: number | null;
  /** Pinyin initials of the item; null takes the last one, which is offered. */
  search: string | null;
  /** 'at-f9' stops when nothing is missing any more. */
  leave?: 'at-f9';
}

/** Where the cursor stands: the program puts it at the next thing to do. */
const stepOf = (counter: Counter): Promise<string> =>
  counter.page.evaluate(
    () => document.activeElement?.closest('[data-step]')?.getAttribute('data-step') ?? '',
  );

/**
 * Serves one citizen the way the screen leads: whatever the cursor stands at is done next, by keys alone.
 * @returns the item, the keys pressed, and how many characters typing the same form by hand would have taken
 */
export async function serveCitizen(
  counter: Counter,
  visit: Visit,
): Promise<{ item: string; keys: number; byHand: number }> {
  counter.takeKeys();
  if (visit.card !== null) {
    await counter.placeCard(visit.card);
    await counter.by('applicant-name').first().waitFor({ timeout: 15_000 });
  }
  let last = '';
  for (let steps = 0; steps < 60; steps++) {
    const step = await changed(counter, last);
    if (step === 'accept') break;
    last = step;
    if (step === 'item') {
      if (visit.search !== null) {
        await counter.type(visit.search);
        await counter.by('item-option').first().waitFor();
      }
      await counter.press('Enter');
    } else if (step === 'question') {
      last = await nameOf(counter, step);
      await counter.press('1');
    } else if (step.startsWith('field:')) {
      const field = step.slice('field:'.length);
      const value = ANSWERS[field];
      if (value === undefined) throw new Error(`the test has no answer for the field ${field}`);
      await counter.type(value);
      await counter.press('Enter');
    } else if (step.startsWith('material:')) {
      await counter.press('Control+0');
    } else throw new Error(`the cursor stands at "${step}", where nothing can be done`);
  }
  const item = await counter.text('item-name');
  const byHand = await handTyping(counter);
  if (visit.leave === 'at-f9') return { item, keys: counter.takeKeys(), byHand };
  await counter.press('F9');
  await counter.by('saved-case-no').waitFor({ timeout: 15_000 });
  return { item, keys: counter.takeKeys(), byHand };
}

/** A step's name; the questions share one place, so the answers given so far tell them apart. */
const nameOf = async (counter: Counter, step: string): Promise<string> =>
  step === 'question' ? `question ${await counter.page.locator('.option.given').count()}` : step;

/** Waits until the cursor stands somewhere else than before. */
async function changed(counter: Counter, before: string): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const step = await stepOf(counter);
    if (step !== '' && (await nameOf(counter, step)) !== before) return step;
    await counter.page.waitForTimeout(25);
  }
  throw new Error(`the cursor stays at "${before}"`);
}

/**
 * Typing the form by hand: one key a character (a Chinese character by pinyin takes more) and one to go to the next
 * field. Read off the screen's own fields, masked or not, so it is never more than the truth.
 */
async function handTyping(counter: Counter): Promise<number> {
  const values = await counter.page
    .locator('[data-testid^="field-"]')
    .evaluateAll((fields) =>
      fields.map((field) =>
        (
          field.querySelector('.value:not(.none)')?.textContent ??
          field.querySelector('input')?.value ??
          ''
        ).trim(),
      ),
    );
  return values.reduce((sum, value) => sum + Array.from(value).length + 1, 0);
}
