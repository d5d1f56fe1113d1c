import type { Reporter } from "vitest/node";

/** Sums up as `cargo test` does, so that `cargo xtask test` can add everything up. */
export default class CargoReporter implements Reporter {
  onTestRunEnd(modules: Parameters<NonNullable<Reporter["onTestRunEnd"]>>[0], errors: readonly unknown[]): void {
    let passed = 0;
    // A file that cannot be loaded has no tests, and is a failure all the same.
    let failed = errors.length;
    for (const module of modules) {
      if (module.errors().length > 0) failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed += 1;
        if (state === "failed") failed += 1;
      }
    }
    console.log(`test result: ${failed === 0 ? "ok" : "FAILED"}. ${passed} passed; ${failed} failed`);
  }
}
