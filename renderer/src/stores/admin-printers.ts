import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import type { FoundPrinter, PrinterCheck } from '../../../shared/contract/print.ts';
import type { Settings } from '../../../shared/contract/settings.ts';
import { useServices } from '../app/services.ts';
import { codeOf } from './admin-readers.ts';
import { usePaper } from './paper.ts';

export type PrinterSettings = Settings['printer'];

/** The slip printer of this PC for its admin: what is chosen, what there is, how it is, and a page to look at. */
export const useAdminPrinters = defineStore('admin-printers', () => {
  const { bridge, boot, papers } = useServices();
  const paper = usePaper();
  const chosen = shallowRef<PrinterSettings | null>(null);
  const fixed = ref(false);
  const found = shallowRef<FoundPrinter[] | null>(null);
  const condition = shallowRef<PrinterCheck | null>(null);
  const busy = ref(false);
  /** Code of what went wrong last; '' for nothing. */
  const problem = ref('');
  /** The sheet of the last test page, '' before the first. */
  const testKey = ref('');

  onScopeDispose(bridge.on('settings.changed', ({ printer }) => (chosen.value = printer)));

  let underWay = 0;
  let testing = false;
  let turn: Promise<unknown> = Promise.resolve();

  /** One after another: a key pressed while the page still looks around is not lost. */
  function trying(deed: () => Promise<void>): Promise<boolean> {
    underWay += 1;
    busy.value = true;
    const done = turn.then(async () => {
      problem.value = '';
      try {
        await deed();
        return true;
      } catch (error) {
        problem.value = codeOf(error);
        return false;
      } finally {
        underWay -= 1;
        busy.value = underWay > 0;
      }
    });
    turn = done;
    return done;
  }

  async function printTestPage(nameOf: (printer: PrinterSettings) => string): Promise<void> {
    const printer = chosen.value;
    if (!printer) return;
    const key = `test/${crypto.randomUUID()}:test:1`;
    const page = {
      stationName: boot.device.stationName,
      printer: nameOf(printer),
      dots: printer.dots,
      at: new Date().toISOString(),
    };
    const bitmap = await papers.testPage(page, key);
    await bridge.call('print.submit', { key, kind: 'test', title: page.printer, bitmap });
    testKey.value = key;
    await paper.loadThumbnail(key);
  }

  /** Looks at everything anew: settings, printers, and the condition of the one in use. */
  const look = (): Promise<boolean> =>
    trying(async () => {
      const { settings, fromPolicy } = await bridge.call('settings.read', {});
      chosen.value = settings.printer;
      fixed.value = fromPolicy.some((name) => name === 'printer' || name.startsWith('printer.'));
      const [printers, check] = await Promise.all([
        bridge.call('print.find', {}),
        bridge.call('print.check', {}),
      ]);
      found.value = printers;
      condition.value = check;
    });

  return {
    chosen,
    fixed,
    found,
    condition,
    busy,
    problem,
    look,
    /** @returns what a printer that is only being thought of says, or null when asking failed */
    async ask(printer: PrinterSettings): Promise<PrinterCheck | null> {
      let said: PrinterCheck | null = null;
      await trying(async () => {
        said = await bridge.call('print.check', { printer });
      });
      return said;
    },
    choose: (printer: PrinterSettings): Promise<boolean> =>
      trying(async () => {
        const { settings } = await bridge.call('settings.write', { settings: { printer } });
        chosen.value = settings.printer;
        condition.value = await bridge.call('print.check', {});
      }),
    /**
     * Prints a test page on the printer in use; pressed twice, one page.
     * @param nameOf how the printer is called on the page
     */
    async test(nameOf: (printer: PrinterSettings) => string): Promise<void> {
      if (testing) return;
      testing = true;
      await trying(() => printTestPage(nameOf));
      testing = false;
    },
    /** What became of the test page. */
    testSheet: computed(() => paper.sheets[testKey.value] ?? null),
    testPicture: computed(() => paper.thumbnails[testKey.value] ?? ''),
  };
});
