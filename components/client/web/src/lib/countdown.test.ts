import { expect, test } from "vitest";
import { clockFace, inWords, passedMilestone, secondsLeft, untilNextSecond } from "./countdown";

test("a begun second counts, and the end is nothing", () => {
  expect(secondsLeft(10_000, 0)).toBe(10);
  expect(secondsLeft(10_000, 1)).toBe(10);
  expect(secondsLeft(10_000, 1000)).toBe(9);
  expect(secondsLeft(10_000, 10_000)).toBe(0);
  expect(secondsLeft(10_000, 99_000)).toBe(0);
});

test("it changes when it is said to", () => {
  for (const now of [0, 1, 999, 1000, 1500, 12_345]) {
    const wait = untilNextSecond(10_000, now);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(1000);
    if (now < 9000) expect(secondsLeft(10_000, now + wait)).toBe(secondsLeft(10_000, now) - 1);
  }
});

test("it is written as on a clock", () => {
  expect(clockFace(0)).toBe("0:00");
  expect(clockFace(65)).toBe("1:05");
  expect(clockFace(900)).toBe("15:00");
  expect(clockFace(3725)).toBe("1:02:05");
});

test("it is said in words", () => {
  expect(inWords(0)).toBe("0 seconds");
  expect(inWords(1)).toBe("1 second");
  expect(inWords(61)).toBe("1 minute and 1 second");
  expect(inWords(120)).toBe("2 minutes");
  expect(inWords(3660)).toBe("1 hour and 1 minute");
});

test("a screen reader is told at milestones, also at one that was slept through", () => {
  expect(passedMilestone(61, 60)).toBe(60);
  expect(passedMilestone(60, 59)).toBeNull();
  expect(passedMilestone(900, 25)).toBe(30);
  expect(passedMilestone(5, 0)).toBeNull();
});
