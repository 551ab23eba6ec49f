/// <reference types="vite/client" />

declare module "*.vue" {
  import type { DefineComponent } from "vue";
  const component: DefineComponent<object, object, unknown>;
  export default component;
}

declare module "@fontsource-variable/noto-sans-sc/unicode.json" {
  const ranges: Record<string, string>;
  export default ranges;
}
