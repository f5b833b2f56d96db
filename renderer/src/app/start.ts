import { createPinia, setActivePinia, type Pinia } from 'pinia';
import { shallowRef, type App } from 'vue';
import type { Bridge } from '../bridge/bridge.ts';
import { openBridge } from '../bridge/index.ts';
import { keepStorage } from '../db/keep-storage.ts';
import type { RebuildProgress } from '../db/level-with-journal.ts';
import { LOOKS } from '../stores/display.ts';
import { useStrip } from '../stores/strip.ts';
import EnrolScreen from './EnrolScreen.vue';
import RebuildScreen from './RebuildScreen.vue';
import StartFailure from './StartFailure.vue';
import WorkPlace from './WorkPlace.vue';
import { waitQuietly } from './enrolment.ts';
import { createLanguages } from './i18n.ts';
import { tellOpened } from './marks.ts';
import { loadLater, loadStores } from './load-stores.ts';
import { openServices } from './open-services.ts';
import { createErrorReports } from './report-errors.ts';
import { createStations } from './router.ts';
import { createScreen } from './screen.ts';
import { SERVICES, type Boot, type Services } from './services.ts';
import { createShortcuts, SHORTCUTS } from './shortcuts.ts';
import { startProblemOf } from './start-problem.ts';
import { createTheme } from './theme.ts';

/**
 * The boot list of the window, in order: bridge, boot answer, enrolment when it is needed, store and sync, screen.
 * Whatever fails before the screen stands has a screen of its own that says what happened and what to do.
 */
export async function startWindow(): Promise<void> {
  const theme = createTheme();
  const languages = createLanguages();
  const shortcuts = createShortcuts(document);
  const screen = createScreen('#app');
  let pinia: Pinia | null = null;

  const prepare = (app: App): void => {
    app.use(languages.i18n);
    app.provide(SHORTCUTS, shortcuts);
    app.provide(LOOKS, { theme, speak: languages.use });
  };

  async function enrol(bridge: Bridge): Promise<Boot> {
    const { server } = await bridge.call('central.status', {});
    return new Promise((resolve, reject) => {
      const props = { bridge, server: server ?? '', onEnrolled: resolve };
      screen.show(EnrolScreen, props, prepare).catch(reject);
    });
  }

  /** Told, not asked: the screen comes with the first page that is back, and the counter takes its place by itself. */
  function tellRebuild(): (next: RebuildProgress) => void {
    const progress = shallowRef<RebuildProgress>({ done: 0, of: null });
    let shown = false;
    return (next) => {
      progress.value = next;
      if (shown) return;
      shown = true;
      void screen.show(RebuildScreen, { progress }, prepare);
    };
  }

  async function work(services: Services, reports: ReturnType<typeof createErrorReports>): Promise<void> {
    const store = createPinia();
    await screen.show(WorkPlace, {}, async (app) => {
      prepare(app);
      app.provide(SERVICES, services);
      reports.watchApp(app);
      app.use(store);
      setActivePinia(store);
      pinia = store;
      await loadStores();
      const router = createStations();
      app.use(router);
      await router.isReady();
    });
    void loadLater();
    void keepStorage();
  }

  try {
    const catalogue = import('./load-catalogue.ts').then(({ loadCatalogue }) => loadCatalogue());
    // Awaited later; a failure until then is not unhandled.
    catalogue.catch(() => undefined);
    const bridge = await openBridge();
    const reports = createErrorReports(bridge, (error) => {
      if (pinia) useStrip(pinia).fail(error);
    });
    const [boot] = await Promise.all([
      bridge.call('app.boot', {}).then((answer) => waitQuietly(bridge, answer)),
      bridge.call('settings.read', {}).then(({ settings }) => languages.use(settings.language)),
    ]);
    const enrolled = boot.device === null ? await enrol(bridge) : boot;
    const { services } = await openServices(bridge, enrolled, catalogue, tellRebuild());
    tellOpened(services);
    await work(services, reports);
  } catch (error) {
    console.error(error);
    await screen.show(StartFailure, { problem: startProblemOf(error) }, prepare);
  }
}
