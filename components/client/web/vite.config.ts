import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { endWithParent } from "./build/end-with-parent.ts";
import { preloadFont } from "./build/preload-font.ts";
import { sizeBudget } from "./build/size-budget.ts";

/** Where `ticketing up` serves the shop, for the development server to pass the API on to. */
const shop = process.env["SHOP"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), preloadFont(), sizeBudget(), endWithParent()],
  build: {
    // What components/client/build.rs embeds.
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    // The policy in crates/client forbids data: fonts, and a file of its own can be kept for ever.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      // React's libraries mark their modules for server rendering, which there is none of here.
      onLog(level, log, handler) {
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") handler(level, log);
      },
    },
  },
  server: {
    // The shop refuses writes from another site: to it, the site is the one in the address bar.
    proxy: {
      "/api": { target: shop, changeOrigin: false },
      "/healthz": { target: shop, changeOrigin: false },
    },
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
