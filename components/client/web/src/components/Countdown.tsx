import { useEffect, useRef } from "react";
import { clockFace, inWords, passedMilestone } from "../lib/countdown";
import { announce } from "./Announcer";

/** Seconds from which on it looks urgent. */
const URGENT = 60;

/** How long a reservation still lasts: shown every second, said only now and then. */
export function Countdown({ seconds, label = "Reserved for you for" }: { seconds: number; label?: string }) {
  const before = useRef(seconds);
  useEffect(() => {
    const milestone = passedMilestone(before.current, seconds);
    before.current = seconds;
    if (milestone !== null) announce(`${inWords(milestone)} left to pay.`);
  }, [seconds]);
  return (
    <p className="countdown" data-urgent={seconds <= URGENT ? "" : undefined}>
      <span>{label}</span>{" "}
      <span role="timer" aria-live="off" className="countdown__time">
        <span aria-hidden="true">{clockFace(seconds)}</span>
        <span className="visually-hidden">{inWords(seconds)}</span>
      </span>
    </p>
  );
}
