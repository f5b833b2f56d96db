import { mount, type VueWrapper } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import CardPhoto from '../../../renderer/src/stations/counter/CardPhoto.vue';
import { loadStores } from '../../../renderer/src/app/load-stores.ts';
import { useCardPhoto } from '../../../renderer/src/stores/card-photo.ts';
import { useIntake } from '../../../renderer/src/stores/intake.ts';
import {
  photoOutcomeSchema,
  photoReasonSchema,
  type CardPhoto as Photo,
} from '../../../shared/contract/card.ts';
import { press, setUp, settle } from '../fakes.ts';
import { JIA, readOf, YI } from '../people.ts';

/** One transparent pixel. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('the photo beside the applicant', () => {
  let world: ReturnType<typeof setUp>;
  let view: VueWrapper;

  beforeEach(async () => {
    world = setUp();
    await loadStores();
    view = mount(CardPhoto, { global: { plugins: [{ install: world.install }] }, attachTo: document.body });
    await settle();
  });
  afterEach(() => {
    vi.useRealTimers();
    view.unmount();
    world.shortcuts.close();
    document.body.innerHTML = '';
  });

  async function place(who: typeof JIA): Promise<string> {
    const read = readOf(who);
    world.machine.tell('card.read', read);
    await settle();
    return read.readId;
  }
  async function tell(photo: Photo): Promise<void> {
    world.machine.tell('card.photo', photo);
    await settle();
  }
  const shows = (id: string): boolean => view.find(`[data-testid="${id}"]`).exists();
  const state = (): string | undefined => view.find('[data-testid="card-photo"]').attributes('data-photo');
  const portrait = (): string | undefined =>
    view.find('[data-testid="card-portrait"] img').exists()
      ? view.find('[data-testid="card-portrait"] img').attributes('src')
      : undefined;

  it('is a quiet placeholder while it is decoded, then the portrait', async () => {
    const readId = await place(JIA);
    expect(state()).toBe('decoding');
    expect(shows('photo-note')).toBe(false);
    expect(portrait()).toBeUndefined();
    await tell({ readId, outcome: 'decoded', png: PNG });
    expect(portrait()).toBe(`data:image/png;base64,${PNG}`);
    expect(shows('photo-note')).toBe(false);
  });

  it.each([
    ['no-decoder', '未装照片解码组件'],
    ['failed', '照片未能解码'],
    ['timeout', '照片解码超时'],
    ['none', '证件内无照片'],
  ] as const)(
    'that cannot be had (%s) says so, says what to do, and offers the camera',
    async (outcome, words) => {
      await tell({ readId: await place(JIA), outcome });
      expect(view.text()).toContain(words);
      expect(view.find('.note .unseen').text()).toContain('拍照');
      expect(view.find('.note p').attributes('title')).toBe(view.find('.note .unseen').text());
      await view.find('[data-testid="photo-camera"]').trigger('click');
      expect(view.emitted('camera')).toHaveLength(1);
    },
  );

  it('is enlarged by Alt+Z or a click and put away by Escape or the next card', async () => {
    press('Alt+Z');
    await settle();
    expect(shows('card-portrait-large')).toBe(false);
    await tell({ readId: await place(JIA), outcome: 'decoded', png: PNG });
    press('Alt+Z');
    await settle();
    expect(shows('card-portrait-large')).toBe(true);
    press('Escape');
    await settle();
    expect(shows('card-portrait-large')).toBe(false);
    await view.find('[data-testid="card-portrait"]').trigger('click');
    expect(shows('card-portrait-large')).toBe(true);
    await place(YI);
    expect(shows('card-portrait-large')).toBe(false);
  });

  it('goes with the applicant and never shows beside another person', async () => {
    await tell({ readId: await place(JIA), outcome: 'decoded', png: PNG });
    await place(YI);
    expect(portrait()).toBeUndefined();
    expect(state()).toBe('decoding');
    expect(useCardPhoto().held).toBe(0);
    useIntake().clear();
    await settle();
    expect(state()).toBe('unknown');
    expect(useCardPhoto().held).toBe(0);
  });

  it('that is told late, for a card that is no longer the applicant’s, is dropped', async () => {
    const first = await place(JIA);
    await place(YI);
    await tell({ readId: first, outcome: 'decoded', png: PNG });
    expect(portrait()).toBeUndefined();
    expect(useCardPhoto().held).toBe(0);
  });

  it('of another person’s card laid down meanwhile waits for the clerk to change over', async () => {
    const first = await place(JIA);
    await tell({ readId: first, outcome: 'no-decoder' });
    useIntake().identify({ idType: '111', idNumber: JIA.number, name: '测试甲' });
    await settle();
    const second = await place(YI);
    expect(useIntake().otherCard?.readId).toBe(second);
    await tell({ readId: second, outcome: 'decoded', png: PNG });
    expect(portrait()).toBeUndefined();
    useIntake().switchToOtherCard();
    await settle();
    expect(portrait()).toContain(PNG);
    expect(useCardPhoto().held).toBe(1);
  });

  it('of a card that the clerk does not take is dropped', async () => {
    await place(JIA);
    useIntake().identify({ idType: '111', idNumber: JIA.number, name: '测试甲' });
    const second = await place(YI);
    await tell({ readId: second, outcome: 'decoded', png: PNG });
    expect(useCardPhoto().held).toBe(1);
    useIntake().ignoreOtherCard();
    await settle();
    expect(useCardPhoto().held).toBe(0);
  });

  it('is never written down: not in the draft nor in any event', async () => {
    await tell({ readId: await place(JIA), outcome: 'decoded', png: PNG });
    await useIntake().draftSettled();
    expect(world.store.drafts.length).toBeGreaterThan(0);
    expect(JSON.stringify([world.store.drafts, world.store.events, world.machine.calls])).not.toContain(PNG);
  });

  it('that is never told is given up after a while', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const read = readOf(JIA);
    world.machine.tell('card.read', read);
    expect(useCardPhoto().state).toBe('decoding');
    vi.advanceTimersByTime(5000);
    expect(useCardPhoto().state).toBe('timeout');
    vi.useRealTimers();
    await settle();
    // Its own word still counts when it comes after all.
    await tell({ readId: read.readId, outcome: 'decoded', png: PNG });
    expect(portrait()).toContain(PNG);
  });

  it('has words for every outcome and every reason, in both languages', async () => {
    const { i18n } = world.languages;
    for (const language of ['zh-CN', 'en'] as const) {
      await world.languages.use(language);
      for (const outcome of photoOutcomeSchema.options.filter((one) => one !== 'decoded')) {
        expect(i18n.global.te(`photo.state.${outcome}`, language), outcome).toBe(true);
        expect(i18n.global.te(`photo.todo.${outcome}`, language), outcome).toBe(true);
      }
      for (const reason of photoReasonSchema.options) {
        expect(i18n.global.te(`photo.reason.${reason}`, language), reason).toBe(true);
      }
    }
  });
});
