import { afterEach, describe, expect, it } from 'vitest';
import type { Settings } from '../../../shared/contract/settings.ts';
import { settle } from '../fakes.ts';
import { openWindow, SETTINGS, type AdminWindow } from './admin-page.ts';

describe('choosing a reader', () => {
  let page: AdminWindow;
  afterEach(() => page.close());

  async function open(
    reader: Settings['reader'] = SETTINGS.reader,
    fromPolicy: string[] = [],
  ): Promise<void> {
    let settings: Settings = { ...SETTINGS, reader };
    page = await openWindow({
      answers: {
        'settings.read': () => ({ settings, fromPolicy }),
        'settings.write': ({ settings: change }) => {
          settings = { ...settings, ...(change as Partial<Settings>) };
          return { settings, fromPolicy };
        },
      },
    });
    await page.openReaders();
    await page.key('Ctrl+2');
    await page.appears('reader-choice');
  }
  const writes = () => page.world.machine.callsOf('settings.write').map(({ settings }) => settings.reader);
  async function choose(id: string, value: string): Promise<void> {
    const select = page.at(id) as HTMLSelectElement;
    select.value = value;
    select.dispatchEvent(new Event('change', { bubbles: true }));
    await settle();
  }
  async function type(id: string, value: string): Promise<void> {
    const field = page.at(id);
    const input =
      field instanceof HTMLInputElement ? field : (field.querySelector('input') as HTMLInputElement);
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await settle();
  }
  const options = (id: string): string[] =>
    [...(page.at(id) as HTMLSelectElement).options].map(({ value }) => value);

  it('shows what is set now', async () => {
    await open({ mode: 'real', profile: 'generic-raw@1a2b:3c4d' });
    expect((page.at('mode-real') as HTMLInputElement).checked).toBe(true);
    expect((page.at('choice-profile') as HTMLSelectElement).value).toBe('generic-raw');
    expect((page.at('choice-device') as HTMLSelectElement).value).toBe('1a2b:3c4d');
  });

  it('keeps a device that is not attached, and says so', async () => {
    await open({ mode: 'real', profile: 'generic-raw@9999:0001' });
    const device = page.at('choice-device') as HTMLSelectElement;
    expect(device.value).toBe('9999:0001');
    expect(device.selectedOptions[0]?.textContent).toContain('没有插上');
  });

  it('says that a profile which is set does not exist any more', async () => {
    await open({ mode: 'real', profile: 'gone-profile' });
    expect(page.text('reader-choice')).toContain('已经不存在');
    expect((page.at('choice-profile') as HTMLSelectElement).value).toBe('gone-profile');
  });

  it('sets a serial port, which is asked for', async () => {
    await open();
    await page.click('mode-real');
    await choose('choice-profile', 'uart');
    await page.key('Ctrl+S');
    expect(page.text('choice-missing')).toContain('串口');
    expect(document.activeElement?.tagName).toBe('INPUT');
    expect(writes()).toEqual([]);
    await type('choice-port', 'COM3');
    await page.key('Ctrl+S');
    expect(writes()).toEqual([{ mode: 'real', profile: 'uart@COM3' }]);
    expect(page.has('choice-saved')).toBe(true);
  });

  it("sets a maker's library by its full path, and says that it must be of 64 bits", async () => {
    await open();
    await choose('choice-profile', 'sdtapi');
    expect(page.text('reader-choice')).toContain('64 位');
    await type('choice-library', 'sdtapi.dll');
    await page.key('Ctrl+S');
    expect(page.text('choice-missing')).toContain('完整路径');
    await type('choice-library', 'C:\\reader\\sdtapi.dll');
    await page.key('Ctrl+S');
    expect(writes()).toEqual([{ mode: 'auto', profile: 'sdtapi@C:\\reader\\sdtapi.dll' }]);
  });

  it('offers the devices of the bus, never keyboards, and wants one for a general way', async () => {
    await open();
    await choose('choice-profile', 'generic-len8');
    expect(options('choice-device')).toContain('1a2b:3c4d');
    expect(options('choice-device')).not.toContain('046d:c31c');
    expect(options('choice-device')).not.toContain('0400:c35a');
    await page.key('Ctrl+S');
    expect(page.text('choice-missing')).toContain('设备');
    await choose('choice-device', '1a2b:3c4d');
    await page.key('Ctrl+S');
    expect(writes()).toEqual([{ mode: 'auto', profile: 'generic-len8@1a2b:3c4d' }]);
  });

  it('goes back to finding the reader by itself', async () => {
    await open({ mode: 'real', profile: 'uart@COM3' });
    await page.click('mode-auto');
    await choose('choice-profile', '');
    await page.key('Ctrl+S');
    expect(writes()).toEqual([{ mode: 'auto' }]);
  });

  it('does not take away what is being typed when something else changes', async () => {
    await open();
    await choose('choice-profile', 'uart');
    await type('choice-port', '/dev/ttyUSB0');
    page.world.machine.tell('settings.changed', { ...SETTINGS, language: 'zh-CN' });
    await settle();
    expect(page.text('choice-setting')).toContain('uart@/dev/ttyUSB0');
  });

  it('changes only what the policy leaves open', async () => {
    await open({ mode: 'real', profile: 'miaxis' }, ['reader.profile']);
    expect(page.text('choice-fixed')).toContain('策略');
    expect(page.at('choice-profile').closest('fieldset')?.disabled).toBe(true);
    await page.click('mode-auto');
    await page.key('Ctrl+S');
    expect(writes()).toEqual([{ mode: 'auto', profile: 'miaxis' }]);
  });
});
