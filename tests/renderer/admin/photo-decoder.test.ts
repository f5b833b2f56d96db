import { mount, type VueWrapper } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import PhotoDecoder from '../../../renderer/src/stations/admin/PhotoDecoder.vue';
import { useAdminPhoto } from '../../../renderer/src/stores/admin-photo.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { PhotoStatus } from '../../../shared/contract/card.ts';
import { settingsSchema, type Settings } from '../../../shared/contract/settings.ts';
import { setUp, settle } from '../fakes.ts';

describe('the photo decoder for its admin', () => {
  let world: ReturnType<typeof setUp>;
  let view: VueWrapper;
  let settings: Settings;
  let fromPolicy: string[];
  let status: PhotoStatus;

  beforeEach(() => {
    settings = settingsSchema.parse({});
    fromPolicy = [];
    status = { library: 'none', detail: '', last: null };
  });
  afterEach(() => {
    view.unmount();
    world.shortcuts.close();
    document.body.innerHTML = '';
  });

  async function open(): Promise<void> {
    world = setUp({
      answers: {
        'settings.read': () => ({ settings, fromPolicy }),
        'settings.write': ({ settings: { photo } }) => {
          settings = { ...settings, photo: settingsSchema.parse({ photo }).photo };
          return { settings, fromPolicy };
        },
        'card.photoStatus': () => status,
      },
    });
    view = mount(PhotoDecoder, {
      global: { plugins: [{ install: world.install }] },
      attachTo: document.body,
    });
    await settle();
  }
  const at = (id: string) => view.get(`[data-testid="${id}"]`);
  const shows = (id: string): boolean => view.find(`[data-testid="${id}"]`).exists();
  /** Element Plus hands the test id to the input itself. */
  const field = (id: string) => at(id);
  async function submit(): Promise<void> {
    await view.trigger('submit');
    await settle();
  }

  it('says that none is set, and that a card has to be placed to try one', async () => {
    await open();
    expect(at('photo-now').text()).toContain('未设置');
    expect(at('photo-last').text()).toContain('请放一张证件');
  });

  it('saves the library and how its picture lies, and looks whether it can be loaded', async () => {
    await open();
    await field('photo-library').setValue('C:\\读卡器\\dewlt.dll');
    await at('photo-rows').setValue('top-down');
    await at('photo-channels').setValue('rgb');
    await at('photo-mirrored').setValue(true);
    status = {
      library: 'unusable',
      reason: 'library-32bit',
      detail: 'it is a 32-bit library (ia32), and this program is a 64-bit one (x64)',
      last: null,
    };
    await submit();
    expect(world.machine.callsOf('settings.write')).toEqual([
      {
        settings: {
          photo: {
            library: 'C:\\读卡器\\dewlt.dll',
            entry: 'unpack',
            rows: 'top-down',
            channels: 'rgb',
            mirrored: true,
          },
        },
      },
    ]);
    expect(shows('photo-saved')).toBe(true);
    expect(at('photo-now').text()).toMatch(/组件不可用.*32 位组件.*64 位.*ia32/s);
    await field('photo-entry').setValue('Unpack');
    expect(shows('photo-saved')).toBe(false);
  });

  it('takes a library away again: photos are not decoded then', async () => {
    settings.photo = { ...settings.photo, library: '/opt/maker/libwlt.so' };
    await open();
    expect((field('photo-library').element as HTMLInputElement).value).toBe('/opt/maker/libwlt.so');
    await field('photo-library').setValue('  ');
    await submit();
    const [write] = world.machine.callsOf('settings.write');
    expect(write?.settings.photo).not.toHaveProperty('library');
  });

  it.each([
    ['photo-library', 'libwlt.so', '完整路径'],
    ['photo-library', '//server/share/wlt.dll', '完整路径'],
    ['photo-entry', 'un pack', '函数名'],
    ['photo-entry', '', '函数名'],
  ])('refuses %s “%s” in words', async (id, value, words) => {
    await open();
    await field(id).setValue(value);
    await submit();
    expect(at('photo-wrong').text()).toContain(words);
    expect(world.machine.callsOf('settings.write')).toEqual([]);
  });

  it('tells what became of the card placed to try it', async () => {
    await open();
    status = {
      library: 'usable',
      detail: '',
      last: { outcome: 'failed', reason: 'refused', detail: 'returned -5', at: 1, ms: 40 },
    };
    world.machine.tell('card.photo', { readId: 'read-1', outcome: 'failed' });
    await settle();
    expect(at('photo-last').text()).toMatch(/照片未能解码.*授权.*returned -5/s);
    status = { library: 'usable', detail: '', last: { outcome: 'decoded', detail: '', at: 2, ms: 61 } };
    world.machine.tell('card.photo', { readId: 'read-2', outcome: 'decoded', png: 'aaaa' });
    await settle();
    expect(at('photo-last').text()).toContain('用时 61 毫秒');
    expect(at('photo-tried').attributes('src')).toBe('data:image/png;base64,aaaa');
    status = { library: 'usable', detail: '', last: { outcome: 'none', detail: '', at: 3, ms: 0 } };
    world.machine.tell('card.photo', { readId: 'read-3', outcome: 'none' });
    await settle();
    expect(shows('photo-tried')).toBe(false);
  });

  it('the portrait of the card placed to try it goes when the page is left', async () => {
    await open();
    world.machine.tell('card.photo', { readId: 'read-1', outcome: 'decoded', png: 'aaaa' });
    await settle();
    expect(useAdminPhoto().picture).not.toBe('');
    view.unmount();
    expect(useAdminPhoto().picture).toBe('');
    world.machine.tell('card.photo', { readId: 'read-2', outcome: 'decoded', png: 'bbbb' });
    await settle();
    expect(useAdminPhoto().picture).toBe('');
  });

  it('what the policy decides cannot be changed', async () => {
    fromPolicy = ['photo.library', 'photo.entry'];
    await open();
    expect(shows('photo-fixed')).toBe(true);
    expect((field('photo-library').element as HTMLInputElement).disabled).toBe(true);
    expect((at('photo-rows').element as HTMLSelectElement).disabled).toBe(false);
  });

  it('another setting that changes does not undo what is being typed', async () => {
    await open();
    await field('photo-library').setValue('/opt/new.so');
    world.machine.tell('settings.changed', { ...settings, language: 'en' });
    await settle();
    expect((field('photo-library').element as HTMLInputElement).value).toBe('/opt/new.so');
  });

  it('what cannot be saved is said', async () => {
    await open();
    world.machine.answers['settings.write'] = () => {
      throw new CodedError('PROFILE_NOT_WRITABLE');
    };
    await field('photo-library').setValue('/opt/new.so');
    await submit();
    expect(shows('photo-problem')).toBe(true);
    expect(shows('photo-saved')).toBe(false);
  });
});
