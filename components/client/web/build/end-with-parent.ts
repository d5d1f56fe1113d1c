import type { Plugin } from "vite";

/** Milliseconds between two looks. */
const LOOK = 500;

/**
 * Ends the development server when the process that started it has ended, so that stopping
 * `cargo xtask up --watch-client` in any way leaves nothing behind. Only when it is asked for.
 */
export function endWithParent(): Plugin {
  return {
    name: "end-with-parent",
    apply: "serve",
    configureServer(server) {
      if (!process.env["END_WITH_PARENT"]) return;
      const parent = process.ppid;
      const timer = setInterval(() => {
        if (process.ppid === parent) return;
        clearInterval(timer);
        void server.close().finally(() => process.exit(0));
      }, LOOK);
    },
  };
}
