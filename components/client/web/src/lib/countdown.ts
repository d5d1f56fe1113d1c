/** Whole seconds until `end`, rounded up: 0 means that it is over. Both in milliseconds of the same clock. */
export function secondsLeft(end: number, now: number): number {
  return Math.max(0, Math.ceil((end - now) / 1000));
}

/** Milliseconds until `secondsLeft` changes. */
export function untilNextSecond(end: number, now: number): number {
  const rest = (end - now) % 1000;
  return rest > 0 ? rest : rest + 1000;
}

/** For the eye: "14:05", or "1:02:09" from an hour on. */
export function clockFace(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** For the ear: "14 minutes and 5 seconds". */
export function inWords(seconds: number): string {
  const count = (value: number, unit: string): string => `${value} ${unit}${value === 1 ? "" : "s"}`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = seconds % 60;
  const parts = [
    hours > 0 && count(hours, "hour"),
    minutes > 0 && count(minutes, "minute"),
    hours === 0 && (rest > 0 || minutes === 0) && count(rest, "second"),
  ].filter((part): part is string => part !== false);
  return parts.join(" and ");
}

/** Seconds at which a screen reader is told: often enough to act, never enough to disturb. */
const MILESTONES = [600, 300, 120, 60, 30, 10];

/** The milestone that was passed between two looks, the nearest to now if several; null when none was. */
export function passedMilestone(before: number, after: number): number | null {
  return MILESTONES.findLast((milestone) => before > milestone && after <= milestone && after > 0) ?? null;
}
