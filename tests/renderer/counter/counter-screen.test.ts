import { mount, type VueWrapper } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import CounterScreen from '../../../renderer/src/stations/counter/CounterScreen.vue';
import { useCatalogue } from '../../../renderer/src/stores/catalogue.ts';
import { loadStores } from '../../../renderer/src/app/load-stores.ts';
import { useIntake } from '../../../renderer/src/stores/intake.ts';
import { press, setUp, settle } from '../fakes.ts';
import { JIA, readOf, YI } from '../people.ts';

/** The whole counter, worked by keys as a clerk works it; only machine and store are faked. */
describe('the counter', () => {
  let world: ReturnType<typeof setUp>;
  let screen: VueWrapper;

  beforeEach(async () => {
    world = setUp({ capabilities: ['card.demo', 'print.preview'] });
    await loadStores();
    screen = mount(CounterScreen, {
      global: { plugins: [{ install: world.install }] },
      attachTo: document.body,
    });
    await settle();
  });
  afterEach(() => {
    screen.unmount();
    world.shortcuts.close();
    document.body.innerHTML = '';
  });

  const at = (id: string): HTMLElement => {
    const found = document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
    if (!found) throw new Error(`nothing on the screen is called ${id}`);
    return found;
  };
  const has = (id: string): boolean => document.querySelector(`[data-testid="${id}"]`) !== null;
  const text = (id: string): string => at(id).textContent.replace(/\s+/g, ' ').trim();
  const cursor = (): string =>
    document.activeElement?.closest<HTMLElement>('[data-step]')?.dataset['step'] ?? '';
  async function key(...names: string[]): Promise<void> {
    for (const name of names) {
      press(name);
      await settle();
    }
  }
  async function type(value: string): Promise<void> {
    const input = document.activeElement as HTMLInputElement;
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await settle();
  }
  /** Dialogues are fetched when they are first needed. */
  async function appears(id: string): Promise<void> {
    await vi.waitFor(() => at(id), { timeout: 10_000 });
    await settle();
  }
  async function place(who: typeof JIA): Promise<void> {
    world.machine.tell('card.read', readOf(who));
    await settle();
  }
  async function choose(letters: string): Promise<void> {
    await key('Ctrl+K');
    await type(letters);
    await key('Enter');
  }

  it('takes a routine case in by keys alone, the cursor always at the next thing to do', async () => {
    await place(JIA);
    expect(text('applicant-name')).toBe('测试甲');
    expect(cursor()).toBe('item');
    await type('lhjy');
    await key('Enter');
    expect(text('item-name')).toContain('基本养老保险参保登记');
    expect(cursor()).toBe('question');
    await key('1', '2', '3');
    expect(cursor()).toBe('field:phone');
    await type('13800001111');
    await key('Enter');
    expect(cursor()).toBe('accept');
    await key('F9');
    await settle();
    expect(text('saved-case-no')).toMatch(/^330102-\d{8}-A-0001$/);
    expect(at('case-travel').dataset['travel']).toBe('saved');
    expect(at('slip-state').dataset['state']).toBe('queued');
    // Ready for the next person without a click.
    await place(YI);
    expect(text('applicant-name')).toBe('测试乙');
    expect(cursor()).toBe('item');
    await key('Enter');
    expect(cursor()).toBe('question');
  });

  it('takes a nervous second F9 for the same press', async () => {
    await place(JIA);
    await choose('lhjy');
    await key('1', '2', '3');
    await type('13800001111');
    await key('Enter', 'F9', 'F9', 'F9');
    expect(world.store.events.filter(({ type: kind }) => kind === 'case.accepted')).toHaveLength(1);
    expect(has('saved-case-no')).toBe(true);
    expect(has('error-strip')).toBe(false);
  });

  it('does not ask for what an open question will answer', async () => {
    await place(JIA);
    await choose('lhjy');
    expect(at('field-household').dataset['state']).toBe('known');
    expect(text('field-household')).toContain('由情形回答');
    // Three questions and the telephone number.
    expect(at('missing-count').dataset['count']).toBe('4');
  });

  it('goes from a missing paper to the next step when it is ticked with Enter', async () => {
    await place(JIA);
    await choose('lhjy');
    await key('1', '1', '3');
    for (const value of ['13800001111', '测试银行测试支行', '6200000000000000000']) {
      await type(value);
      await key('Enter');
    }
    expect(cursor()).toBe('material:bankCard');
    (document.activeElement as HTMLElement).click();
    await settle();
    expect(cursor()).toBe('accept');
  });

  it('masks the number until it is asked for, in the form as well', async () => {
    await place(JIA);
    await choose('lhjy');
    expect(text('applicant-number')).toBe(`1101****${JIA.number.slice(-4)}`);
    expect(document.body.textContent).not.toContain(JIA.number);
    await key('Alt+V');
    expect(text('applicant-number')).toBe(JIA.number);
    expect(text('field-idNumber')).toContain(JIA.number);
    await vi.waitFor(() => expect(text('number-region')).toContain('北京市东城区'));
    await key('Alt+V');
    expect(document.body.textContent).not.toContain(JIA.number);
  });

  it('says what is missing and goes there, instead of accepting', async () => {
    await key('F9');
    expect(text('error-strip')).toContain('还没有申请人');
    await place(JIA);
    await choose('lhjy');
    await key('1', '2', '3', 'F9');
    expect(text('error-strip')).toContain('手机号码');
    expect(cursor()).toBe('field:phone');
    expect(world.store.events.filter(({ type: kind }) => kind === 'case.accepted')).toEqual([]);
  });

  it('accepts what stands in the field with the cursor, Enter or not', async () => {
    await place(JIA);
    await choose('lhjy');
    await key('1', '2', '3');
    await type('13800001111');
    await key('F9');
    await settle();
    const accepted = world.store.events.find(({ type: kind }) => kind === 'case.accepted');
    expect((accepted?.body as { form: Record<string, { value: string }> }).form['phone']?.value).toBe(
      '13800001111',
    );
  });

  it('stays at a wrong value and says what is wrong with it', async () => {
    await place(JIA);
    await choose('lhjy');
    await key('1', '2', '3');
    await type('138');
    await key('Enter');
    expect(cursor()).toBe('field:phone');
    expect(text('problem-phone')).toContain('不是手机号码');
  });

  it('answers with digits only while no field has the cursor', async () => {
    await place(JIA);
    expect(cursor()).toBe('item');
    await key('1');
    expect(useIntake().intake.answers).toEqual({});
    await type('lhjy');
    await key('Enter', '2');
    expect(useIntake().intake.answers).toEqual({ household: 'elsewhere' });
  });

  it('asks for the reason when a filled value is corrected, and keeps both', async () => {
    await place(JIA);
    await choose('lhjy');
    at('field-cardAddress').querySelector('button')?.click();
    await settle();
    await type('演示市另一条路 2 号');
    await key('Enter');
    expect(document.activeElement?.getAttribute('data-testid')).toBe('correction-reason');
    await key('Enter');
    expect(useIntake().intake.form['cardAddress']).toMatchObject({
      value: '演示市另一条路 2 号',
      replaced: { value: JIA.address, reason: '本人申明现已变更' },
    });
    expect(text('field-cardAddress')).toContain(JIA.address);
  });

  it('marks each value with where it came from', async () => {
    await place(JIA);
    await choose('lhjy');
    await key('1', '2', '3');
    expect(text('field-name')).toContain('身份证 今日');
    expect(text('field-insurance')).toContain('按规定');
    expect(text('field-household')).toContain('询问');
    await type('13800001111');
    await key('Enter');
    expect(text('field-phone')).toContain('窗口录入');
  });

  it('clears an untouched case at once, and asks before it throws typed work away', async () => {
    await place(JIA);
    await key('Escape');
    expect(has('applicant-name')).toBe(false);
    await place(JIA);
    await choose('lhjy');
    await key('1', '2', '3');
    await type('13800001111');
    await key('Enter', 'Escape');
    await appears('clear-dialog');
    expect(document.activeElement?.getAttribute('data-testid')).toBe('clear-no');
    await key('F9');
    expect(world.store.events.some(({ type: kind }) => kind === 'case.accepted')).toBe(false);
    await key('Escape');
    expect(text('applicant-name')).toBe('测试甲');
    await key('Escape');
    await appears('clear-yes');
    at('clear-yes').click();
    await settle();
    expect(has('applicant-name')).toBe(false);
  });

  it('takes materials by their keys, round and round', async () => {
    await place(JIA);
    await choose('lhjy');
    await key('1', '1', '3');
    expect(at('material-bankCard').dataset['state']).toBe('');
    await key('Ctrl+3');
    // Checked and handed back: what the item says is usual comes first.
    expect(at('material-bankCard').dataset['state']).toBe('seen-returned');
    await key('Ctrl+3', 'Ctrl+3');
    expect(at('material-bankCard').dataset['state']).toBe('tolerated');
    expect(text('material-bankCard')).toMatch(/容缺，\d{4}-\d\d-\d\d 前补交/);
    await key('Ctrl+3');
    expect(at('material-bankCard').dataset['state']).toBe('');
    await key('Ctrl+0');
    expect(text('materials-count')).toBe('3/3 齐');
  });

  it('takes a person by hand with Alt+M, and warns of a wrong check digit without refusing', async () => {
    await key('Alt+M');
    await type(`${JIA.number.slice(0, 17)}${JIA.number.endsWith('0') ? '1' : '0'}`);
    expect(text('typed-problem')).toContain('校验位不符');
    await type(JIA.number);
    expect(text('typed-problem')).toContain('1990-01-01');
    const name = document.querySelector<HTMLInputElement>('input[data-testid="typed-name"]');
    name?.focus();
    await type('测试甲');
    document.querySelector<HTMLFormElement>('form')?.requestSubmit();
    await settle();
    expect(text('applicant-name')).toBe('测试甲');
    expect(text('applicant-source')).toContain('手工录入');
    expect(cursor()).toBe('item');
  });

  it('asks whether an uncertain slip came out, and takes the answer by key in the middle of the next case', async () => {
    await place(JIA);
    world.machine.tellSheet('case/x:slip:1', { key: 'case/x:slip:1', state: 'uncertain', title: 'A-1' });
    await settle();
    expect(text('paper-question')).toContain('票出来了吗');
    expect(text('applicant-name')).toBe('测试甲');
    await key('Alt+Y');
    expect(world.machine.callsOf('print.resolve')[0]).toMatchObject({ outcome: 'came-out' });
    expect(has('paper-question')).toBe(false);
  });

  it('says what is wrong with the card and what to do', async () => {
    world.machine.tell('card.state', {
      phase: 'error',
      error: 'ID_CARD_LIFTED',
      reader: null,
      since: 0,
    });
    await settle();
    expect(text('error-strip')).toBe('读取中断，请勿提前拿起。请重新放置。');
  });

  it('says in red when the services of this PC are gone, and stops saying so when they are back', async () => {
    world.machine.tellConnection('down');
    await settle();
    expect(at('line-light').dataset['state']).toBe('no-service');
    world.machine.tellConnection('up');
    await settle();
    expect(at('line-light').dataset['state']).toBe('synced');
  });

  it('speaks English when asked, everywhere', async () => {
    await place(JIA);
    await world.languages.use('en');
    await settle();
    expect(text('accept')).toContain('Accept and print');
    const counter = document.querySelector('.counter') as HTMLElement;
    const chrome = counter.cloneNode(true) as HTMLElement;
    // What the catalogue, the card and the hall say stays as it is.
    for (const data of chrome.querySelectorAll(
      '[data-testid="form"], [data-step="item"], [data-step="applicant"], [data-testid="station-name"], [data-testid="clerk-name"], [data-testid="demo-reader"]',
    ))
      data.remove();
    expect(chrome.textContent).not.toMatch(/[\u4e00-\u9fff]/);
    await world.languages.use('zh-CN');
  });

  it('gives everything that can be pressed a name', async () => {
    await place(JIA);
    await choose('lhjy');
    await key('1', '1', '3');
    const nameless = [...document.querySelectorAll<HTMLElement>('button, input, select')].filter(
      (element) => {
        const words = element.getAttribute('aria-label') ?? element.textContent.trim();
        return words === '' && element.closest('label') === null;
      },
    );
    expect(nameless.map((element) => element.outerHTML)).toEqual([]);
  });

  it('lists its keys under F1, and only keys that are bound', async () => {
    await key('F1');
    await appears('keys-dialog');
    const dialog = at('keys-dialog').textContent;
    for (const name of ['F2', 'F9', 'Ctrl+K', 'Alt+M', '1–9', 'Alt+1–9']) expect(dialog).toContain(name);
    for (const name of ['F6', 'F7', 'F8', 'F10', 'F11', 'F12']) expect(dialog).not.toContain(name);
    await key('F1');
    expect(has('keys-dialog')).toBe(false);
  });

  it('offers every item while nothing was taken in yet, and the last one afterwards', async () => {
    await place(JIA);
    expect(document.querySelectorAll('[data-testid="item-option"]')).toHaveLength(2);
    useCatalogue().used('ZC-20-RS001');
    await settle();
    expect(document.querySelectorAll('[data-testid="item-option"]')).toHaveLength(1);
    expect(text('item-option')).toContain('沿用');
  });
});
