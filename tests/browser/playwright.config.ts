import { defineConfig } from "@playwright/test";

/** The shop under test; `cargo xtask test browser` starts one and names it here. */
const shop = process.env["SHOP"];
if (!shop) throw new Error("SHOP is not set: run cargo xtask test browser, or set it to the address of a shop that runs");

export default defineConfig({
  testDir: "specs",
  outputDir: "../../target/browser/results",
  reporter: [["list"], ["./src/cargo-reporter.ts"]],
  // One for each of two cores: the shop runs on them, too.
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env["CI"]),
  timeout: 90_000,
  // What an event has to bring about may take a moment on a busy machine.
  expect: { timeout: 15_000 },
  use: {
    baseURL: shop,
    locale: "en-US",
    actionTimeout: 20_000,
    // Without a film of every page: two cores would be busy with taking pictures that nobody looks at.
    trace: { mode: "retain-on-failure", screenshots: false },
    launchOptions: {
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      // It may run as root, and it asks for nothing but the shop.
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
