import { mount, type VueWrapper } from '@vue/test-utils';
import { vi } from 'vitest';
import type { Settings } from '../../../shared/contract/settings.ts';
import { createStations } from '../../../renderer/src/app/router.ts';
import { loadStores } from '../../../renderer/src/app/load-stores.ts';
import WorkPlace from '../../../renderer/src/app/WorkPlace.vue';
import { press, setUp, settle } from '../fakes.ts';
import { DEVICES, PROFILES } from '../harness/readers.ts';

type World = ReturnType<typeof setUp>;
type Answers = NonNullable<NonNullable<Parameters<typeof setUp>[0]>['answers']>;

export const SETTINGS: Settings = {
  language: 'zh-CN',
  clerk: { id: 'clerk-1', name: '王丽' },
  reader: { mode: 'auto' },
  photo: { entry: 'unpack', rows: 'bottom-up', mirrored: false, channels: 'bgr' },
  printer: { mode: 'virtual', dots: 576, bandRows: 255, bandPauseMs: 0 },
  journal: { horizonDays: 30 },
};

/** The whole window with its real router, at the counter; the machine answers what the test says. */
export async function openWindow(
  more: { answers?: Answers; demo?: boolean; windows?: boolean; fromPolicy?: string[] } = {},
) {
  const fromPolicy = more.fromPolicy ?? [];
  let settings = SETTINGS;
  const world: World = setUp({
    capabilities: [
      ...(more.demo === true ? (['card.demo'] as const) : []),
      ...(more.windows === true ? (['print.windows'] as const) : []),
    ],
    answers: {
      'settings.read': () => ({ settings, fromPolicy }),
      'settings.write': ({ settings: change }) => {
        settings = { ...settings, ...(change as Partial<Settings>) };
        return { settings, fromPolicy };
      },
      'reader.devices': () => ({ devices: DEVICES, profiles: PROFILES }),
      'reader.frames': () => ({ frames: [] }),
      'card.photoStatus': () => ({ library: 'none', detail: '', last: null }),
      ...more.answers,
    },
  });
  await loadStores();
  window.location.hash = '#/counter';
  const router = createStations();
  const screen: VueWrapper = mount(WorkPlace, {
    global: { plugins: [{ install: world.install }, router] },
    attachTo: document.body,
  });
  await router.isReady();
  // A browser tells of both when the address changes; this DOM tells of the hash alone.
  const asBrowser = (): void =>
    void window.dispatchEvent(new PopStateEvent('popstate', { state: history.state as unknown }));
  window.addEventListener('hashchange', asBrowser);
  await settle();

  const all = (id: string): HTMLElement[] => [
    ...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`),
  ];
  const at = (id: string): HTMLElement => {
    const [found] = all(id);
    if (!found) throw new Error(`nothing on the screen is called ${id}`);
    return found;
  };
  const text = (of: HTMLElement | string): string =>
    (typeof of === 'string' ? at(of) : of).textContent.replace(/\s+/g, ' ').trim();

  return {
    world,
    router,
    all,
    at,
    text,
    has: (id: string): boolean => all(id).length > 0,
    async key(...names: string[]): Promise<void> {
      for (const name of names) {
        press(name);
        await settle();
      }
    },
    async click(id: string | HTMLElement): Promise<void> {
      (typeof id === 'string' ? at(id) : id).click();
      await settle();
    },
    /** Parts are fetched when they are first needed. */
    async appears(id: string): Promise<void> {
      await vi.waitFor(() => at(id), { timeout: 15_000 });
      await settle();
    },
    async goes(id: string): Promise<void> {
      await vi.waitFor(() => {
        if (all(id).length > 0) throw new Error(`${id} is still there`);
      });
    },
    /** By its key, as an admin does it. */
    async openReaders(): Promise<void> {
      press('Alt+R');
      await this.appears('reader-page');
      await vi.waitFor(() => {
        if (
          !document.querySelector(
            '[data-testid="device"], [data-testid="no-devices"], [data-testid="look-problem"]',
          )
        )
          throw new Error('nothing was looked for');
      });
      await settle();
    },
    row: (ids: string): HTMLElement => {
      const found = all('device').find((row) => row.textContent.includes(ids));
      if (!found) throw new Error(`no line for ${ids}`);
      return found;
    },
    deed: (row: HTMLElement, deed: string): HTMLButtonElement | null =>
      row.querySelector<HTMLButtonElement>(`[data-testid="${deed}"]`),
    close(): void {
      window.removeEventListener('hashchange', asBrowser);
      screen.unmount();
      world.shortcuts.close();
      document.body.innerHTML = '';
    },
  };
}
export type AdminWindow = Awaited<ReturnType<typeof openWindow>>;
