// For tools that read TypeScript without Vue (ESLint's program); vue-tsc knows the components themselves.
declare module '*.vue' {
  import type { DefineComponent } from 'vue';
  const component: DefineComponent<object, object, unknown>;
  export default component;
}
declare module '*.css';

interface Window {
  /** Put there by Electron's preload; absent in the plain shell. */
  zongchuang?: import('./bridge/electron.ts').PreloadApi;
  /** What has been measured so far, for the end-to-end tests and the bench. */
  __zc?: { marks: { name: string; detail: Record<string, unknown> }[] };
}
