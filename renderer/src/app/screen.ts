import { createApp, type App, type Component } from 'vue';

export interface Screen {
  /** @param prepare installs what the screen needs; when it fails the screen before stays */
  show(
    component: Component,
    props: Record<string, unknown>,
    prepare: (app: App) => void | Promise<void>,
  ): Promise<void>;
}

/**
 * The one place on the page where a screen stands. Start failure, enrolment and work are programs of their own, so
 * that each begins with exactly what it needs; showing one ends the one before.
 */
export function createScreen(selector: string): Screen {
  let now: App | null = null;
  return {
    async show(component, props, prepare) {
      const app = createApp(component, props);
      await prepare(app);
      now?.unmount();
      now = app;
      app.mount(selector);
    },
  };
}
