import { expect, test } from "vitest";
import { EXPLAINED, groupDigits, isCardNumber, isInFuture, tokenOf } from "./test-cards";

test("every card that the form explains is one that works", () => {
  for (const { number } of EXPLAINED) {
    expect(isCardNumber(number)).toBe(true);
    expect(tokenOf(number)).toMatch(/^pm_card_/);
  }
});

test("a mistyped number is noticed", () => {
  expect(isCardNumber("4242 4242 4242 4241")).toBe(false);
  expect(isCardNumber("4242")).toBe(false);
});

test("a real card has no token here", () => {
  expect(isCardNumber("4111 1111 1111 1111")).toBe(true);
  expect(tokenOf("4111 1111 1111 1111")).toBeNull();
});

test("digits are grouped as on the card", () => {
  expect(groupDigits("4242424242424242")).toBe("4242 4242 4242 4242");
  expect(groupDigits("378282246310005")).toBe("3782 822463 10005");
  expect(groupDigits("42424")).toBe("4242 4");
  expect(groupDigits("3782")).toBe("3782");
});

test("a card is good until the end of its month", () => {
  const now = new Date(2026, 4, 31, 23);
  expect(isInFuture("05/26", now)).toBe(true);
  expect(isInFuture("04/26", now)).toBe(false);
  expect(isInFuture("13/27", now)).toBe(false);
  expect(isInFuture("5", now)).toBe(false);
});
