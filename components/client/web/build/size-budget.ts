import { brotliCompressSync } from "node:zlib";
import type { Plugin } from "vite";

/** Kilobytes of Brotli, as they travel, before a visitor can do the first thing. */
const BUDGET_KB = 110;

/**
 * Fails the build when the entry and everything that it imports at once weigh more than the budget.
 * Pages that are loaded when they are visited are not counted.
 */
export function sizeBudget(): Plugin {
  return {
    name: "size-budget",
    apply: "build",
    generateBundle(_options, bundle) {
      const first = new Set<string>();
      const add = (file: string): void => {
        const chunk = bundle[file];
        if (chunk?.type !== "chunk" || first.has(file)) return;
        first.add(file);
        chunk.imports.forEach(add);
      };
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === "chunk" && chunk.isEntry) add(chunk.fileName);
      }
      let bytes = 0;
      for (const file of first) {
        const chunk = bundle[file];
        if (chunk?.type === "chunk") bytes += brotliCompressSync(chunk.code).length;
      }
      const kilobytes = bytes / 1000;
      if (first.size === 0) this.error("the bundle has no entry, so its size cannot be told");
      if (kilobytes > BUDGET_KB) {
        this.error(`${kilobytes.toFixed(1)} kB of JavaScript before the first interaction; the budget is ${BUDGET_KB} kB`);
      }
      this.info(`${kilobytes.toFixed(1)} of ${BUDGET_KB} kB of JavaScript before the first interaction`);
    },
  };
}
