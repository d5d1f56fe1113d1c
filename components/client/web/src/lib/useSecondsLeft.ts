import { useEffect, useState } from "react";
import { serverClock } from "../api/server-clock";
import { secondsLeft, untilNextSecond } from "./countdown";

/**
 * Whole seconds until `end` (RFC 3339) by the shop's clock, kept up to date. Timers stand still while a machine sleeps
 * and run late in a hidden tab, so each tick reads the clock anew, and coming back is a tick.
 */
export function useSecondsLeft(end: string): number {
  const at = Date.parse(end);
  const [seconds, setSeconds] = useState(() => secondsLeft(at, serverClock.now()));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tick = (): void => {
      clearTimeout(timer);
      const now = serverClock.now();
      setSeconds(secondsLeft(at, now));
      // Also after the end: the clock may turn out to have been ahead.
      timer = setTimeout(tick, untilNextSecond(at, now));
    };
    tick();
    document.addEventListener("visibilitychange", tick);
    window.addEventListener("focus", tick);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", tick);
      window.removeEventListener("focus", tick);
    };
  }, [at]);
  return seconds;
}
