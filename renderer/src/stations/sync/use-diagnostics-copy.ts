import { onScopeDispose, ref, type Ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { useDevice } from '../../stores/device.ts';
import { useHealth } from '../../stores/health.ts';
import { useLine } from '../../stores/line.ts';
import { useSyncPage } from '../../stores/sync-page.ts';
import { copyText } from '../admin/copy-text.ts';

const SAID_MS = 4_000;

/** Copies what support asks for: everything on the page in words, and the self-checks. Nothing personal is in it. */
export function useDiagnosticsCopy(): { said: Ref<string>; run(): Promise<void> } {
  const { t } = useI18n();
  const page = useSyncPage();
  const health = useHealth();
  const line = useLine();
  const { device, version } = useDevice();
  const said = ref('');
  let timer: ReturnType<typeof setTimeout> | undefined;
  onScopeDispose(() => clearTimeout(timer));

  async function run(): Promise<void> {
    // One check that fails must not keep the rest of the evidence back.
    const checks = await page.checks().catch(() => []);
    const lines = [
      `${t('display.version', { version })} · ${device.hallName} · ${device.stationName} · ${device.dev}`,
      `${new Date().toISOString()} · ${t(line.shown.key, line.shown.params)}`,
      ...health.alerts.map(({ name, params }) => `! ${t(`alert.${name}`, params)}`),
      ...page.parts.flatMap(({ id, rows }) => [
        `[${t(`syncPage.part.${id}`)}]`,
        ...rows.map((row) => {
          const value =
            row.copy ?? ('key' in row.value ? t(row.value.key, row.value.params) : row.value.text);
          return `${t(`syncPage.row.${row.id}`)}: ${value}`;
        }),
      ]),
      ...checks.map(({ no, name, result, detail }) => `#${String(no)} ${name}: ${result} ${detail}`),
    ];
    said.value = (await copyText(lines.join('\n'))) ? 'syncPage.copied' : 'admin.copyFailed';
    page.forgetOutcome();
    clearTimeout(timer);
    timer = setTimeout(() => (said.value = ''), SAID_MS);
  }

  return { said, run };
}
