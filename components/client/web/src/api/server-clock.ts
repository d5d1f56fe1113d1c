/**
 * The shop's time, learnt from the `Date` header of its answers, whatever the local clock says.
 *
 * `Date` is cut to whole seconds, and the answer was made at some moment between sending and receiving. So each
 * answer says no more than that the clocks differ by something in [date - received, date + 1 s - sent]. The
 * intersection of a few such intervals is much narrower than any of them: half a second of doubt goes away.
 */
export class ServerClock {
  /** The clocks' difference in milliseconds lies between these. */
  #least = Number.NEGATIVE_INFINITY;
  #most = Number.POSITIVE_INFINITY;
  /** `wall - monotonic` at the last answer: it moves when somebody sets the clock. */
  #origin: number | null = null;
  readonly #wall: () => number;
  readonly #monotonic: () => number;

  constructor(wall: () => number = () => Date.now(), monotonic: () => number = () => performance.now()) {
    this.#wall = wall;
    this.#monotonic = monotonic;
  }

  /** Local time in milliseconds, to be given to `learn`. */
  local(): number {
    return this.#wall();
  }

  /**
   * Learns from an answer: its `Date` header, and the local times of sending and receiving. `sent` is null when it is not
   * known, as with a preloaded answer, which may have been made before the script asked.
   */
  learn(date: string | null, sent: number | null, received: number): void {
    const made = date === null ? Number.NaN : Date.parse(date);
    if (Number.isNaN(made) || (sent !== null && received < sent)) return;
    const origin = this.#wall() - this.#monotonic();
    if (this.#origin !== null && Math.abs(origin - this.#origin) > CLOCK_WAS_SET) this.#forget();
    this.#origin = origin;
    const least = made - received;
    const most = sent === null ? Number.POSITIVE_INFINITY : made + RESOLUTION - sent;
    // Contradicting answers: the clock was set, or drifted. The newest is right.
    if (least > this.#most || most < this.#least) this.#forget();
    this.#least = Math.max(this.#least, least);
    this.#most = Math.min(this.#most, most);
  }

  /** The shop's time in milliseconds since 1970; the local time before the first answer. */
  now(): number {
    if (!Number.isFinite(this.#least)) return this.#wall();
    const most = Number.isFinite(this.#most) ? this.#most : this.#least + RESOLUTION;
    return this.#wall() + (this.#least + most) / 2;
  }

  #forget(): void {
    this.#least = Number.NEGATIVE_INFINITY;
    this.#most = Number.POSITIVE_INFINITY;
  }
}

/** Milliseconds that a `Date` header may be behind the moment it stands for (RFC 9110, 5.6.7). */
const RESOLUTION = 1000;
/** Milliseconds of drift between wall and monotonic clock that mean more than drift, for example a sleep. */
const CLOCK_WAS_SET = 250;

/** The one clock of this page. */
export const serverClock = new ServerClock();
