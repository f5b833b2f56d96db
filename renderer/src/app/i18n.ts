import { createI18n } from 'vue-i18n';
import zhCN from '../messages/zh-CN.json';

export type Language = 'zh-CN' | 'en';

/** Chinese is the language of the product and always there; English is fetched when somebody asks for it. */
export function createLanguages() {
  // Typed as wide as it will become: English joins when it is asked for.
  const messages: Record<string, typeof zhCN> = { 'zh-CN': zhCN };
  const i18n = createI18n({
    legacy: false,
    locale: 'zh-CN',
    fallbackLocale: 'zh-CN',
    messages,
  });

  async function use(language: Language): Promise<void> {
    if (language === 'en' && !i18n.global.availableLocales.includes('en')) {
      i18n.global.setLocaleMessage('en', (await import('../messages/en.json')).default);
    }
    i18n.global.locale.value = language;
    document.documentElement.lang = language;
  }

  return { i18n, use };
}

export type Languages = ReturnType<typeof createLanguages>;
