import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CodedError } from '../../../shared/contract/errors.ts';
import { openWindow, type AdminWindow } from '../admin/admin-page.ts';
import { settle } from '../fakes.ts';
import { ACCEPTED_TWICE, CALLED_TWICE, DECIDED, JOURNAL, NO_CLERKS } from '../sync-samples.ts';

type Answers = NonNullable<Parameters<typeof openWindow>[0]>['answers'];

/** In the whole window with its real router, worked by keys; only machine and store are faked. */
describe('what people see of the sync', () => {
  let page: AdminWindow;
  beforeEach(() => localStorage.clear());
  afterEach(() => page.close());
  const open = async (answers: Answers = {}): Promise<void> => {
    page = await openWindow({ answers });
  };
  async function type(id: string, value: string): Promise<void> {
    const field = page.at(id) as HTMLInputElement;
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await settle();
  }

  it('opens from the counter by a key and shows the evidence in words', async () => {
    await open();
    await page.key('Alt+U');
    await page.appears('evidence-send');
    expect(page.text('evidence-unsent')).toBe('没有，全部送到');
    expect(page.text('evidence-cursor')).toBe('到第 1234 条');
    expect(page.text('evidence-streamHash')).toContain('b2b2b2b2…b2b2b2b2');
    expect(page.text('evidence-disk')).toContain('38 GB');
    expect(page.text('evidence-backend')).toBe('LevelDB');
    expect(document.body.textContent).not.toMatch(/syncPage\./);
  });

  it('puts the most pressing thing into the bar of the counter, and all of them on the page', async () => {
    await open({
      'journal.status': () => ({ ...JOURNAL, freeBytes: 100 * 1024 ** 2, stuck: 1 }),
    });
    await page.key('Alt+U');
    await page.appears('sync-alerts');
    expect(page.text('sync-alerts')).toContain('磁盘只剩 100 MB');
    await page.key('Escape');
    await page.appears('line-alert');
    expect(page.at('line-alert').dataset['name']).toBe('diskShort');
    expect(page.text('line-alert')).toContain('+1');
  });

  it('exports to a stick by keys, remembers where, and says what went wrong in words', async () => {
    const folders: string[] = [];
    await open({
      'journal.export': ({ folder }) => {
        folders.push(folder);
        if (folders.length > 1) throw new CodedError('JOURNAL_DISK_FULL');
        return { file: `${folder}/a.zcj`, events: 7, bytes: 1 };
      },
    });
    await page.key('Alt+U');
    await page.appears('evidence-send');
    await page.key('F6');
    expect(document.activeElement).toBe(page.at('export-folder'));
    await type('export-folder', 'E:/');
    page.at('export').click();
    await settle();
    expect(page.text('sync-outcome')).toContain('已导出 7 条');
    page.at('export').click();
    await settle();
    expect(page.text('sync-outcome')).toContain('磁盘已满');
    expect(folders).toEqual(['E:/', 'E:/']);
    expect(localStorage.getItem('zongchuang-export-folder')).toBe('E:/');
  });

  it('decides a conflict in three keys from the counter', async () => {
    await open();
    page.world.store.setConflicts([CALLED_TWICE]);
    await settle();
    expect(page.at('line-alert').dataset['name']).toBe('conflicts');
    await page.key('Alt+H');
    await page.appears('version-first');
    expect(page.text('version-first')).toContain('5 号窗口');
    expect(page.text('version-first')).toContain('现在算这条');
    expect(page.text('version-second')).toContain('当时看到：1 号窗口');
    await page.key('2', 'Enter');
    expect(page.world.store.decisions).toEqual([{ id: CALLED_TWICE.id, choice: 'second', note: '' }]);
    expect(page.text('conflicts-open')).toBe('0');
    expect(page.at('version-second').dataset['inForce']).toBe('true');
    // Undone by a later decision, from the same place.
    await page.key('1', 'Enter');
    expect(page.world.store.decisions.at(-1)).toMatchObject({ choice: 'first' });
  });

  it('does nothing on Enter before one of the two was chosen', async () => {
    await open();
    page.world.store.setConflicts([CALLED_TWICE]);
    await page.key('Alt+H');
    await page.appears('version-first');
    await page.key('Enter');
    expect(page.world.store.decisions).toEqual([]);
  });

  it('lists the open ones, goes through them by keys, and marks what differs', async () => {
    await open();
    page.world.store.setConflicts([CALLED_TWICE, ACCEPTED_TWICE, DECIDED]);
    await page.key('Alt+H');
    await page.appears('version-first');
    expect(page.all('conflict').map((one) => one.dataset['state'])).toEqual(['open', 'open', 'decided']);
    await page.key('ArrowDown');
    const lines = [...page.at('conflict-facts').querySelectorAll('tbody tr')].map((line) => line.textContent);
    // What is the same is folded away: there is much of it in a case.
    expect(lines.join('|')).toContain('138****1111');
    expect(lines.join('|')).not.toContain('演示市演示区');
    await page.click('show-same');
    expect(page.text('conflict-facts')).toContain('演示市演示区');
    await page.key('ArrowDown');
    expect(page.text('conflict-decision')).toContain('已当面核对');
  });

  it('asks for the secret of a clerk where the hall has clerks, and shows nothing else until then', async () => {
    let state: typeof NO_CLERKS = { ...NO_CLERKS, required: true };
    const li = { id: 'w2', name: '李伟' };
    await open({
      'clerk.state': () => state,
      'clerk.list': () => [{ id: 'w1', name: '王丽' }, li],
      'clerk.signIn': ({ id, secret }) => {
        if (secret !== '123456') throw new CodedError('CLERK_WRONG_SECRET');
        state = { ...state, clerk: { ...li, id, roles: ['window'] } };
        return { ...li, id, roles: ['window'], how: 'online' };
      },
      'clerk.signOut': () => {
        state = { ...state, clerk: null };
        return {};
      },
    });
    await page.appears('sign-in');
    expect(page.has('line-light')).toBe(false);
    await page.key('Alt+2');
    expect(page.at('clerk-w2').getAttribute('aria-selected')).toBe('true');
    await type('secret', 'nonsense');
    await page.key('Enter');
    expect(page.text('sign-in-problem')).toContain('口令不对');
    expect((page.at('secret') as HTMLInputElement).value).toBe('');
    await type('secret', '123456');
    await page.key('Enter');
    await page.appears('clerk-name');
    expect(page.text('clerk-name')).toBe('李伟');
    await page.key('Alt+K');
    await page.appears('sign-in');
    expect(page.text('sign-in-why')).toContain('已退出登录');
    expect(page.at('clerk-w2').getAttribute('aria-selected')).toBe('true');
    await settle();
    expect(document.activeElement?.getAttribute('data-testid')).toBe('secret');
  });
});
