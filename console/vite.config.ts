import { fileURLToPath, URL } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";
import { fieldWorker } from "./field.worker.build";

const server = process.env.HUTONG_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [vue(), fieldWorker()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  define: { __VUE_I18N_FULL_INSTALL__: false, __VUE_I18N_LEGACY_API__: false, __INTLIFY_PROD_DEVTOOLS__: false },
  build: {
    outDir: fileURLToPath(new URL("../src/hutong/console_build", import.meta.url)),
    emptyOutDir: true,
    target: "es2022",
    // A data: URL would need a wider content security policy than 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  server: {
    port: 5173,
    proxy: Object.fromEntries(["/api", "/sta", "/ogc", "/schema"].map((path) => [path, { target: server }])),
  },
});
