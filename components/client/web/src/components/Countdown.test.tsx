// @vitest-environment happy-dom
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useSecondsLeft } from "../lib/useSecondsLeft";
import { announce, Announcer } from "./Announcer";
import { Countdown } from "./Countdown";

const START = Date.parse("2026-03-01T12:00:00Z");

function Reservation({ seconds }: { seconds: number }) {
  const left = useSecondsLeft(new Date(START + seconds * 1000).toISOString());
  return (
    <>
      <Countdown seconds={left} />
      <Announcer />
    </>
  );
}

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  announce("");
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

/** What is shown, without the words for the ear. */
const face = (): string | null => screen.getByRole("timer").firstElementChild?.textContent ?? null;
const said = (): string => screen.getByTestId("announcer").textContent ?? "";
const pass = (milliseconds: number): void => act(() => void vi.advanceTimersByTime(milliseconds));

test("it counts every second", () => {
  render(<Reservation seconds={90} />);
  expect(face()).toBe("1:30");
  pass(1000);
  expect(face()).toBe("1:29");
  pass(89_000);
  expect(face()).toBe("0:00");
});

test("after a sleep it shows the right time at once", () => {
  render(<Reservation seconds={900} />);
  // The clock goes on, timers do not.
  vi.setSystemTime(START + 600_000);
  act(() => void window.dispatchEvent(new Event("focus")));
  expect(face()).toBe("5:00");
});

test("a screen reader is told at milestones and left alone between them", () => {
  render(<Reservation seconds={62} />);
  pass(1000);
  expect(said()).toBe("");
  pass(1000);
  expect(said()).toBe("1 minute left to pay.");
  pass(29_000);
  expect(said()).toBe("1 minute left to pay.");
  pass(1000);
  expect(said()).toBe("30 seconds left to pay.");
});
