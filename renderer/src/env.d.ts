// For tools that read TypeScript without Vue (ESLint's program); vue-tsc knows the components themselves.
declare module '*.vue' {
  import type { DefineComponent } from 'vue';
  const component: DefineComponent<object, object, unknown>;
  export default component;
}
declare module '*.css';
