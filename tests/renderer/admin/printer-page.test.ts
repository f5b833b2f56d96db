import { afterEach, describe, expect, it } from 'vitest';
import { CodedError } from '../../../shared/contract/errors.ts';
import { settle } from '../fakes.ts';
import { openWindow, type AdminWindow } from './admin-page.ts';

const FOUND = [
  { mode: 'usb' as const, address: '/dev/usb/lp0', detail: 'Gprinter GP-L80160' },
  { mode: 'lp' as const, address: 'RECEIPT', detail: '' },
];

/** The printer page as an admin works it, in the whole window; only machine and store are faked. */
describe('the printer page', () => {
  let page: AdminWindow;
  afterEach(() => page.close());

  type Answers = NonNullable<Parameters<typeof openWindow>[0]>['answers'];
  async function open(answers: Answers = {}, fromPolicy: string[] = [], windows = false): Promise<void> {
    page = await openWindow({
      fromPolicy,
      windows,
      answers: {
        'print.find': () => FOUND,
        'print.check': () => ({ state: 'ready', proves: 'printed' }),
        ...answers,
      },
    });
    await page.router.push('/admin/printers');
    await page.appears('printer-page');
    await settle();
  }
  const writes = () => page.world.machine.callsOf('settings.write').map(({ settings }) => settings.printer);
  async function type(id: string, value: string): Promise<void> {
    const field = page.at(id).matches('input,select')
      ? (page.at(id) as HTMLInputElement)
      : (page.at(id).querySelector('input') as HTMLInputElement);
    field.value = value;
    field.dispatchEvent(new Event(field.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }));
    await settle();
  }

  it('says how the printer is and what it can prove', async () => {
    await open();
    expect(page.at('printer-now').dataset['state']).toBe('ready');
    expect(page.text('printer-now')).toContain('就绪');
    expect(page.text('printer-now')).toContain('已打印');
  });

  it.each(['silent', 'paper-out', 'not-ready', 'unreachable', 'no-printer'] as const)(
    'has a word and a next step for a printer that is %s',
    async (state) => {
      await open({ 'print.check': () => ({ state, proves: 'handed-over' }) });
      expect(page.at('printer-now').dataset['state']).toBe(state);
      expect(page.text('printer-now')).not.toMatch(/printerPage/);
      expect(page.text('printer-now')).toContain('已送打印机');
    },
  );

  it('takes a printer that was found into use', async () => {
    await open();
    const rows = page.all('found-printer').map((row) => page.text(row));
    expect(rows[0]).toContain('/dev/usb/lp0');
    expect(rows[0]).toContain('USB 打印机（Linux 直连） Gprinter GP-L80160');
    expect(rows[1]).toContain('RECEIPT');
    await page.click(page.all('found-printer')[0]?.querySelector('button') as HTMLElement);
    expect(writes()).toEqual([
      { mode: 'usb', address: '/dev/usb/lp0', dots: 576, bandRows: 255, bandPauseMs: 0 },
    ]);
  });

  it('saves an address typed by hand, asks it first when told to, and wants one', async () => {
    const asked: unknown[] = [];
    await open({
      'print.check': ({ printer }) => {
        asked.push(printer?.address);
        return { state: 'paper-out', proves: 'printed' };
      },
    });
    await type('printer-mode', 'tcp');
    await page.key('Ctrl+S');
    expect(page.text('printer-missing')).toContain('地址');
    expect(writes()).toEqual([]);
    await type('printer-address', ' 10.0.0.9:9100 ');
    await page.click('printer-ask');
    expect(asked.at(-1)).toBe('10.0.0.9:9100');
    expect(page.at('printer-said').dataset['state']).toBe('paper-out');
    await page.key('Ctrl+S');
    expect(writes()).toMatchObject([{ mode: 'tcp', address: '10.0.0.9:9100' }]);
    expect(page.has('printer-saved')).toBe(true);
  });

  it('prints a test page and follows what becomes of it', async () => {
    await open();
    await page.key('F6');
    const [submitted] = page.world.machine.callsOf('print.submit');
    expect(submitted).toMatchObject({ kind: 'test', title: '虚拟打印机（看图）' });
    const { key } = submitted as { key: string };
    page.world.machine.tellSheet(key, {
      key,
      kind: 'test',
      state: 'failed-before-send',
      error: 'PRINT_PAPER_OUT',
    });
    await settle();
    expect(page.at('test-page').dataset['state']).toBe('failed-before-send');
    expect(page.text('test-page')).toBe('没有打出');
  });

  it('cannot change what the policy has set', async () => {
    await open({}, ['printer.mode', 'printer.address']);
    expect((page.at('printer-save') as HTMLButtonElement).disabled).toBe(true);
    await page.key('Ctrl+S');
    expect(writes()).toEqual([]);
  });

  it('says in words when the machine does not answer', async () => {
    await open({
      'print.find': () => {
        throw new CodedError('WIRE_TIMEOUT');
      },
    });
    expect(page.text('printer-now')).not.toBe('');
    expect(page.text('printer-now')).not.toMatch(/WIRE_|error\./);
  });

  it('offers printers of Windows on Windows alone, and what is of Linux elsewhere alone', async () => {
    const offered = () => [...page.at('printer-mode').querySelectorAll('option')].map(({ value }) => value);
    await open();
    expect(offered()).toEqual(['virtual', 'tcp', 'serial', 'usb', 'lp']);
    page.close();
    const check = { state: 'silent', proves: 'handed-over' } as const;
    await open({ 'print.check': () => check }, [], true);
    expect(offered()).toEqual(['virtual', 'tcp', 'serial', 'windows']);
    await type('printer-mode', 'windows');
    expect(page.text('printer-settings')).toContain('打印机名称');
    await type('printer-address', 'XP-80C');
    page.at('printer-save').click();
    await settle();
    expect(writes()).toMatchObject([{ mode: 'windows', address: 'XP-80C' }]);
    expect(page.text('printer-name')).toContain('Windows 打印机');
    expect(page.text('printer-now')).toContain('已送打印机');
  });
});
