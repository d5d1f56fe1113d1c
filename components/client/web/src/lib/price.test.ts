import { expect, test } from "vitest";
import { parsePrice } from "./price";

const read = (text: string): string | null => {
  const reading = parsePrice(text);
  return reading.ok ? reading.value : null;
};

test.each([
  ["12,50", "12.50"],
  ["12.5", "12.5"],
  ["$12", "12"],
  ["12 €", "12"],
  ["€ 12,50", "12.50"],
  ["USD 12.50", "12.50"],
  ["1,234.50", "1234.50"],
  ["1.234,50 €", "1234.50"],
  ["1 234,50", "1234.50"],
  ["1’234.50", "1234.50"],
  ["1,234", "1234"],
  ["1.234", "1234"],
  ["999,999.99", "999999.99"],
  [".5", "0.5"],
  [" 007 ", "7"],
  ["0.01", "0.01"],
])("%s means %s", (typed, value) => {
  expect(read(typed)).toBe(value);
});

test.each(["", "free", "12.345.6", "1.2345", "12,50,00", "0", "0.00", "-5", "1000000", "12.5x", "..", "1e3", "1 2", "12,345,6.7.8"])(
  "%s is no price",
  (typed) => {
    expect(read(typed)).toBeNull();
  },
);

test("says what to do about it", () => {
  expect(parsePrice("")).toEqual({ ok: false, why: "Say what it costs" });
  expect(parsePrice("1.2345")).toMatchObject({ why: expect.stringContaining("two decimals") });
  expect(parsePrice("0")).toMatchObject({ why: "Price must be greater than 0" });
});
