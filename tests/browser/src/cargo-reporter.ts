import type { FullResult, Reporter, Suite } from "@playwright/test/reporter";

/** Sums up as `cargo test` does, so that `cargo xtask test` can add everything up. */
export default class CargoReporter implements Reporter {
  #suite: Suite | null = null;

  onBegin(_config: unknown, suite: Suite): void {
    this.#suite = suite;
  }

  onEnd(result: FullResult): void {
    const tests = this.#suite?.allTests() ?? [];
    const failed = tests.filter((test) => test.outcome() === "unexpected").length;
    const passed = tests.filter((test) => test.outcome() === "expected" || test.outcome() === "flaky").length;
    // What went wrong outside of all tests is a failure, too.
    const others = result.status !== "passed" && failed === 0 ? 1 : 0;
    console.log(`test result: ${result.status === "passed" ? "ok" : "FAILED"}. ${passed} passed; ${failed + others} failed`);
  }
}
