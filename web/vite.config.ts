import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import elementPlus from "unplugin-element-plus/vite";
import { defineConfig } from "vitest/config";
import { compressed } from "./compressed.ts";

/** Where `jiebang serve` answers while the pages are worked on. */
const service = process.env.JIEBANG_URL ?? "http://127.0.0.1:8000";
const proxied = ["/api", "/docs", "/openapi.json", "/problems", "/healthz", "/readyz", "/metrics"];

export default defineConfig({
  plugins: [vue(), elementPlus({}), compressed()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  // vue-i18n without what a strict Content-Security-Policy forbids and nobody here uses.
  define: {
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __VUE_OPTIONS_API__: true,
    __VUE_PROD_DEVTOOLS__: false,
  },
  build: {
    // The package `api` carries the built app: the wheel has it, an editable install finds it.
    outDir: "../api/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  // The Host stays the browser's, else the service takes what is written for another site's.
  server: {
    proxy: Object.fromEntries(
      proxied.map((path) => [path, { target: service, changeOrigin: false }]),
    ),
  },
  test: {
    include: ["tests/**/*.test.ts", "src/**/*.test.ts"],
    server: { deps: { inline: ["element-plus"] } },
    css: false,
  },
});
