import { afterEach, describe, expect, it } from 'vitest';
import { CodedError } from '../../../shared/contract/errors.ts';
import { readerVerdictSchema, type AttachedDevice } from '../../../shared/contract/reader.ts';
import { useIntake } from '../../../renderer/src/stores/intake.ts';
import { settle } from '../fakes.ts';
import { DEVICES, PROFILES } from '../harness/readers.ts';
import { JIA, readOf, YI } from '../people.ts';
import { openWindow, SETTINGS, type AdminWindow } from './admin-page.ts';

/** The reader page as an admin works it, in the whole window; only machine and store are faked. */
describe('the reader page', () => {
  let page: AdminWindow;
  afterEach(() => page.close());

  const writes = () => page.world.machine.callsOf('settings.write').map(({ settings }) => settings.reader);

  it('is opened by Alt+R from the counter and left by Escape', async () => {
    page = await openWindow();
    await page.openReaders();
    expect(document.activeElement?.textContent).toContain('已连接设备');
    await page.key('Escape');
    await page.appears('accept');
    expect(page.has('reader-page')).toBe(false);
  });

  it('is offered where the reader is the trouble, and not where only a card was', async () => {
    page = await openWindow();
    const say = async (phase: 'error' | 'absent', error: string): Promise<void> => {
      page.world.machine.tell('card.state', { phase, error, reader: null, since: Date.now() });
      await settle();
    };
    await say('error', 'ID_CARD_LIFTED');
    expect(page.has('strip-readers')).toBe(false);
    await say('absent', 'ID_CARD_NO_PERMISSION');
    await page.click('strip-readers');
    await page.appears('reader-page');
    expect(page.text('reader-now-says')).toContain('没有打开读卡器的权限');
    expect(page.text('reader-advice')).toContain('udev');
    await page.click(page.at('reader-advice').querySelector('button') as HTMLElement);
    await page.appears('reader-help');
    expect(page.at('reader-help').textContent).toContain('SUBSYSTEM=="usb", ATTR{idVendor}=="0400"');
  });

  it('says why a reader cannot be connected while it is tried again and again', async () => {
    page = await openWindow();
    const reader = { name: '串口身份证阅读器', profile: 'uart', demo: false };
    const say = async (error: string): Promise<void> => {
      page.world.machine.tell('card.state', { phase: 'connecting', error, reader, since: Date.now() });
      await settle();
    };
    // Without a card on it, nothing is the card's fault.
    await say('ID_CARD_TIMEOUT');
    expect(page.text('reader-says')).toContain('读卡器没有回应');
    expect(page.has('strip-readers')).toBe(true);
    await say('ID_CARD_READER_MISSING');
    expect(page.text('reader-says')).toContain('没有找到读卡器');
    page.world.machine.tell('card.state', { phase: 'connecting', reader, since: Date.now() });
    await settle();
    expect(page.has('reader-says')).toBe(false);
  });

  it('says of every attached device whether it can be used, why, and what to do', async () => {
    page = await openWindow();
    await page.openReaders();
    expect(new Set(DEVICES.map(({ verdict }) => verdict))).toEqual(new Set(readerVerdictSchema.options));
    expect(page.has('device')).toBe(true);
    // Keyboards and mice only on demand: they are never what an admin came for.
    expect(page.all('device')).toHaveLength(DEVICES.filter(({ verdict }) => verdict !== 'never').length);
    await page.click('show-typing');
    const rows = page.all('device');
    expect(rows).toHaveLength(DEVICES.length);
    for (const verdict of readerVerdictSchema.options) {
      const row = rows.find(({ dataset }) => dataset['verdict'] === verdict) as HTMLElement;
      const words = [...row.querySelectorAll('.verdict p')].map((p) => p.textContent.trim());
      expect(words, verdict).toHaveLength(3);
      for (const word of words) expect(word, verdict).not.toMatch(/^$|readerPage\./);
      expect(row.querySelector('.verdict svg'), verdict).not.toBeNull();
    }
    const keyboard = page.row('USB Keyboard');
    expect(keyboard.textContent).toContain('不会打开');
    expect(keyboard.className).toContain('off');
    expect(keyboard.querySelector('button')).toBeNull();
    for (const ids of ['0483:572B', '1483:0001', '0483:DF11'])
      expect(page.row(ids).querySelector('button'), ids).toBeNull();
    expect(page.row('/dev/ttyS0').textContent).toContain('串口');
    expect(page.row('0400:C35A').textContent).toContain('USB 部标');
  });

  it('takes a device into use, and shows which one is', async () => {
    let devices = DEVICES;
    page = await openWindow({ answers: { 'reader.devices': () => ({ devices, profiles: PROFILES }) } });
    await page.openReaders();
    devices = DEVICES.map((device) => ({ ...device, inUse: device.ids === '10C4:0007' }));
    await page.click(page.deed(page.row('10C4:0007'), 'use') as HTMLElement);
    expect(writes()).toEqual([{ mode: 'real', profile: 'miaxis' }]);
    expect(page.row('10C4:0007').textContent).toContain('正在使用');
    // Nothing is sent to a reader that is working.
    expect(page.row('10C4:0007').querySelector('button')).toBeNull();
  });

  it('sees by itself what is plugged in later', async () => {
    let devices: AttachedDevice[] = [];
    page = await openWindow({ answers: { 'reader.devices': () => ({ devices, profiles: PROFILES }) } });
    await page.openReaders();
    expect(page.text('no-devices')).toContain('USB 线');
    devices = DEVICES;
    await page.key('F5');
    expect(page.has('device')).toBe(true);
  });

  it('says in words why nothing could be looked at, and recovers', async () => {
    let fails = true;
    page = await openWindow({
      answers: {
        'reader.devices': () => {
          if (fails) throw new CodedError('ID_CARD_DRIVER_CRASHED');
          return { devices: DEVICES, profiles: PROFILES };
        },
      },
    });
    await page.openReaders();
    expect(page.text('look-problem')).toContain('驱动连续出错');
    fails = false;
    await page.key('F5');
    expect(page.has('look-problem')).toBe(false);
    expect(page.has('device')).toBe(true);
  });

  it('says why a choice was not saved', async () => {
    page = await openWindow({
      answers: {
        'settings.write': () => {
          throw new CodedError('PROFILE_NOT_WRITABLE');
        },
      },
    });
    await page.openReaders();
    await page.click(page.deed(page.row('10C4:0007'), 'use') as HTMLElement);
    expect(page.text('use-problem')).toContain('数据文件夹不能写入');
  });

  it('lets nobody choose what the policy has set, and says so', async () => {
    page = await openWindow({ fromPolicy: ['reader.mode', 'reader.profile'] });
    await page.openReaders();
    expect(page.text('devices-fixed')).toContain('策略');
    expect(page.deed(page.row('10C4:0007'), 'use')?.disabled).toBe(true);
    await page.key('Ctrl+2');
    await page.appears('choice-fixed');
    expect((page.at('choice-save') as HTMLButtonElement).disabled).toBe(true);
    await page.key('Ctrl+S');
    expect(writes()).toEqual([]);
  });

  it('leaves the open case exactly as it was, whatever card is placed meanwhile', async () => {
    page = await openWindow();
    page.world.machine.tell('card.read', readOf(JIA));
    await settle();
    const intake = useIntake();
    const before = JSON.stringify(intake.intake);
    const drafts = page.world.store.drafts.length;
    await page.openReaders();
    page.world.machine.tell('card.read', readOf(YI));
    await settle();
    await page.key('Escape');
    await page.appears('accept');
    expect(page.text('applicant-name')).toBe('测试甲');
    expect(intake.otherCard).toBeNull();
    expect(JSON.stringify(intake.intake)).toBe(before);
    expect(page.world.store.drafts).toHaveLength(drafts);
    // Back at the counter cards are applicants' again.
    page.world.machine.tell('card.read', readOf(YI));
    await settle();
    expect(page.text('applicant-name')).toBe('测试乙');
  });

  it('can be worked by keys, and everything that can be pressed has a name', async () => {
    page = await openWindow({ demo: true });
    await page.openReaders();
    await page.appears('demo-reader');
    for (const part of ['device', 'reader-choice', 'frame-log', 'photo-decoder', 'reader-help'].entries()) {
      await page.key(`Ctrl+${part[0] + 1}`);
      await page.appears(part[1]);
      expect(document.activeElement?.getAttribute('role')).toBe('tab');
      expect(document.activeElement?.getAttribute('aria-selected')).toBe('true');
      for (const element of document.querySelectorAll('button, a, input, select, summary, [tabindex="0"]')) {
        const label = element.closest('label')?.textContent ?? '';
        const name = element.getAttribute('aria-label') ?? (element.textContent.trim() || label.trim());
        expect(name, element.outerHTML).not.toBe('');
      }
    }
    (document.activeElement as HTMLElement).dispatchEvent(
      new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true, cancelable: true }),
    );
    await settle();
    expect(document.activeElement?.textContent).toContain('已连接设备');
    await page.key('F1');
    await page.appears('keys-dialog');
    for (const words of ['刷新', '试读', '切换分页', '返回窗口'])
      expect(page.text('keys-dialog')).toContain(words);
  });

  it('shows a policy file that fixes the reader this PC uses', async () => {
    page = await openWindow({
      answers: {
        'settings.read': () => ({
          settings: { ...SETTINGS, reader: { mode: 'real', profile: 'uart@COM3' } },
          fromPolicy: [],
        }),
      },
    });
    await page.openReaders();
    await page.key('Ctrl+5');
    await page.appears('policy-example');
    expect(JSON.parse(page.text('policy-example'))).toEqual({
      reader: { mode: 'real', profile: 'uart@COM3' },
    });
  });
});
