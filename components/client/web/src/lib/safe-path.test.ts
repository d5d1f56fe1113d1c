// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { safePath } from "./safe-path";

test("a path of this shop is gone to", () => {
  expect(safePath("/orders/1?a=b#c")).toBe("/orders/1?a=b#c");
});

test.each([null, "", "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "orders", "/\t/evil.example"])(
  "%s leads to the front page",
  (text) => {
    expect(safePath(text)).toBe("/");
  },
);
