import { nextTick, shallowRef } from 'vue';
import { afterEach, describe, expect, it } from 'vitest';
import type { RebuildProgress } from '../../../renderer/src/db/level-with-journal.ts';
import { createLanguages } from '../../../renderer/src/app/i18n.ts';
import RebuildScreen from '../../../renderer/src/app/RebuildScreen.vue';
import { createScreen } from '../../../renderer/src/app/screen.ts';

describe('the screen of a store that is made again from the journal', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('tells how far it has come, goes on telling, and asks nothing', async () => {
    document.body.innerHTML = '<div id="app"></div>';
    const progress = shallowRef<RebuildProgress>({ done: 1000, of: null });
    const { i18n } = createLanguages();
    await createScreen('#app').show(RebuildScreen, { progress }, (app) => void app.use(i18n));
    const words = (): string => document.querySelector('[data-testid="rebuild-done"]')?.textContent ?? '';
    expect(words()).toContain('已恢复 1000 条');
    expect(document.body.textContent).toContain('什么都没丢');
    expect(document.querySelector('button, input')).toBeNull();
    progress.value = { done: 1500, of: 2000 };
    await nextTick();
    expect(words()).toContain('1500 / 2000');
    expect(words()).toContain('75%');
    expect(document.querySelector('progress')?.value).toBe(75);
  });
});
