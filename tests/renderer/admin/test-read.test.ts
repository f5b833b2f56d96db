import { afterEach, describe, expect, it, vi } from 'vitest';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { TestRead } from '../../../shared/contract/reader.ts';
import { settle } from '../fakes.ts';
import { openWindow, type AdminWindow } from './admin-page.ts';

const READ: TestRead = {
  outcome: 'read',
  document: [
    { field: 'type', value: 'resident' },
    { field: 'name', value: '测**' },
    { field: 'sex', value: '··' },
    { field: 'address', value: '·· ×14' },
    { field: 'number', value: '1101****7777' },
    { field: 'validTo', value: '长期' },
    { field: 'somethingNew', value: 'x' },
  ],
  warnings: ['expired'],
  photoBytes: 1024,
  readMs: 873,
};
const NOBODY: TestRead = { outcome: 'ID_CARD_TIMEOUT', document: [], warnings: [], photoBytes: 0, readMs: 0 };

describe('a test read', () => {
  let page: AdminWindow;
  afterEach(() => {
    page.close();
    vi.useRealTimers();
  });

  /** A machine whose answers the test gives, one question at a time. */
  function byHand() {
    const waiting: { limitMs: number; answer: (read: TestRead) => void }[] = [];
    return {
      waiting,
      testRead: ({ limitMs = 0 }: { limitMs?: number | undefined }): Promise<TestRead> =>
        new Promise((answer) => waiting.push({ limitMs, answer })),
    };
  }
  const lines = (): string[] =>
    [...page.at('test-document').children].map((line) => page.text(line as HTMLElement));

  it('asks for a card by one key and shows it masked, line by line', async () => {
    const hand = byHand();
    page = await openWindow({ answers: { 'reader.testRead': hand.testRead } });
    await page.openReaders();
    await page.key('F6');
    expect(page.text('test-prompt')).toBe('请把证件放到读卡器上');
    page.world.machine.tell('card.state', { phase: 'reading', reader: null, since: 0 });
    await settle();
    expect(page.text('test-prompt')).toContain('正在读取');
    hand.waiting[0]?.answer(READ);
    await settle();
    expect(page.text('test-outcome')).toBe('读取成功，用时 0.87 秒');
    expect(lines()).toEqual([
      '证件居民身份证',
      '姓名测**',
      '性别已读到（不显示）',
      '住址14 个字（不显示）',
      '号码1101****7777',
      '有效期至长期',
      'somethingNewx',
    ]);
    expect(page.text('test-warning')).toBe('证件已过有效期');
    expect(page.at('test-photo').dataset['photo']).toBe('no-decoder');
    expect(page.text('test-photo')).toContain('1024');
  });

  it('gives somebody a minute to find a card', async () => {
    const hand = byHand();
    page = await openWindow({ answers: { 'reader.testRead': hand.testRead } });
    await page.openReaders();
    vi.useFakeTimers({ toFake: ['Date'] });
    await page.key('F6');
    for (let asked = 0; asked < 2; asked++) {
      const { limitMs = 0, answer } = hand.waiting[asked] ?? {};
      vi.setSystemTime(Date.now() + limitMs);
      answer?.(NOBODY);
      await settle();
    }
    expect(page.text('test-no-card')).toContain('F6');
    expect(hand.waiting.map(({ limitMs }) => limitMs)).toEqual([30_000, 30_000]);
  });

  it('says what went wrong when a card was there and could not be read', async () => {
    page = await openWindow({
      answers: { 'reader.testRead': () => ({ ...NOBODY, outcome: 'ID_CARD_LIFTED' as const }) },
    });
    await page.openReaders();
    await page.key('F6');
    expect(page.text('test-outcome')).toContain('请勿提前拿起');
  });

  it('tells a time-out of the reader from nobody placing a card', async () => {
    page = await openWindow({ answers: { 'reader.testRead': () => NOBODY } });
    await page.openReaders();
    await page.key('F6');
    expect(page.text('test-outcome')).toContain('读取超时');
    expect(page.world.machine.callsOf('reader.testRead')).toHaveLength(1);
  });

  it('is cancelled by Escape without leaving the page, and a late answer is dropped', async () => {
    const hand = byHand();
    page = await openWindow({ answers: { 'reader.testRead': hand.testRead } });
    await page.openReaders();
    await page.key('F6', 'Escape');
    expect(page.at('test-panel').dataset['state']).toBe('idle');
    expect(page.has('reader-page')).toBe(true);
    // The next card must not be kept from the counter.
    expect(page.world.machine.callsOf('reader.endTest')).toHaveLength(1);
    // Another one begins only when the machine is done with the first.
    await page.key('F6');
    expect(hand.waiting).toHaveLength(1);
    hand.waiting[0]?.answer(READ);
    await settle();
    expect(page.has('test-document')).toBe(false);
    expect(hand.waiting).toHaveLength(2);
    hand.waiting[1]?.answer(READ);
    await settle();
    expect(page.has('test-document')).toBe(true);
  });

  it('forgets what was read when the page is left', async () => {
    page = await openWindow({ answers: { 'reader.testRead': () => READ } });
    await page.openReaders();
    await page.key('F6');
    expect(page.has('test-document')).toBe(true);
    await page.key('Alt+R');
    await page.appears('accept');
    await page.openReaders();
    expect(page.has('test-document')).toBe(false);
  });

  it('says why the machine could not do it', async () => {
    page = await openWindow({
      answers: {
        'reader.testRead': () => {
          throw new CodedError('ID_CARD_READER_BUSY');
        },
      },
    });
    await page.openReaders();
    await page.key('F6');
    expect(page.text('test-failed')).toContain('占用');
  });
});
