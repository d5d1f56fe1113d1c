import { expect, test } from "vitest";
import { ServerClock } from "./server-clock";

/** A local clock that is wrong by `offset`, and a server whose `Date` headers have whole seconds. */
function setup(offset: number) {
  const start = Date.parse("2026-03-01T12:00:00.000Z");
  const machine = { server: start, offset, monotonic: 0 };
  const pass = (milliseconds: number): void => {
    machine.server += milliseconds;
    machine.monotonic += milliseconds;
  };
  const clock = new ServerClock(
    () => machine.server + machine.offset,
    () => machine.monotonic,
  );
  /** An answer that takes so many milliseconds to come and to go. */
  const ask = (there: number, back: number): void => {
    const sent = clock.local();
    pass(there);
    const date = new Date(Math.floor(machine.server / 1000) * 1000).toUTCString();
    pass(back);
    clock.learn(date, sent, clock.local());
  };
  const error = (): number => Math.abs(clock.now() - machine.server);
  return { machine, clock, pass, ask, error };
}

test("one answer tells the time to half a second and half the way", () => {
  for (const offset of [0, -3_600_000, 86_400_000]) {
    for (const phase of [0, 250, 500, 999]) {
      const { pass, ask, error } = setup(offset);
      pass(phase);
      ask(20, 20);
      expect(error()).toBeLessThanOrEqual(520);
    }
  }
});

test("more answers tell it better", () => {
  const { pass, ask, error } = setup(-123_456);
  for (let n = 0; n < 20; n += 1) {
    ask(15, 15);
    pass(1370);
  }
  expect(error()).toBeLessThan(100);
});

test("a preloaded answer, older than the question, misleads nobody", () => {
  const { clock, machine, pass, ask, error } = setup(-10_000);
  const date = new Date(machine.server).toUTCString();
  pass(3000);
  clock.learn(date, null, clock.local());
  ask(10, 10);
  expect(error()).toBeLessThanOrEqual(510);
});

test("a slow answer does not spoil what is known", () => {
  const { pass, ask, error } = setup(5000);
  for (let n = 0; n < 20; n += 1) {
    ask(10, 10);
    pass(1370);
  }
  const before = error();
  ask(100, 9000);
  expect(error()).toBeLessThanOrEqual(before + 1);
});

test("a clock that is set while the page is open is learnt anew", () => {
  const { machine, pass, ask, error } = setup(0);
  ask(10, 10);
  machine.offset = 600_000;
  pass(1000);
  ask(10, 10);
  expect(error()).toBeLessThanOrEqual(510);
});

test("a machine that slept comes back with the right time", () => {
  const { machine, ask, error } = setup(42_000);
  ask(10, 10);
  // While a machine sleeps, the monotonic clock of some systems stands still.
  machine.server += 8 * 3_600_000;
  ask(10, 10);
  expect(error()).toBeLessThanOrEqual(510);
});

test("without an answer, or with a header that makes no sense, the local clock counts", () => {
  const { clock } = setup(1234);
  expect(clock.now()).toBe(clock.local());
  clock.learn(null, 0, 1);
  clock.learn("tomorrow", 0, 1);
  expect(clock.now()).toBe(clock.local());
});
