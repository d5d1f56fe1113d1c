import type { Plugin } from "vite";

/** The font that every page begins with; without the hint it would be asked for only after the style sheet. */
const FONT = /figtree-latin-wght-normal.*\.woff2$/;

/** Adds a preload link for the text's font to the page. */
export function preloadFont(): Plugin {
  return {
    name: "preload-font",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle }) {
        const file = Object.keys(bundle ?? {}).find((name) => FONT.test(name));
        if (!file) throw new Error("the font that the page preloads is not in the bundle");
        const attrs = { rel: "preload", as: "font", type: "font/woff2", crossorigin: "", href: `/${file}` };
        return [{ tag: "link", attrs, injectTo: "head-prepend" }];
      },
    },
  };
}
