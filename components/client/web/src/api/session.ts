/**
 * Keeps a session alive unseen. The access token lives for minutes and is out of reach of scripts; the refresh token
 * works once, so of all requests in all tabs that find the session expired, exactly one may renew it.
 */

/** What a renewal came to. */
export type Renewal =
  /** There is a fresh session: ask again. */
  | "renewed"
  /** The session was fine all along: the answer means what it says. */
  | "not needed"
  /** There is none any more: a person has to sign in. */
  | "over";

export interface SessionPorts {
  fetch: typeof fetch;
  /** Shared by all tabs of this shop. */
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  /** Runs one task at a time over all tabs. */
  exclusively: <T>(task: () => Promise<T>) => Promise<T>;
  now: () => number;
}

/** When the session was last renewed, in local milliseconds; its presence says that somebody is signed in. */
const RENEWED_AT = "ticketing.session.renewed-at";
/** Milliseconds; a token lives for 15 minutes. */
const RENEW_AFTER = 10 * 60 * 1000;

export class Session {
  readonly #ports: SessionPorts;
  /** The renewal under way in this tab. */
  #renewing: Promise<Renewal> | null = null;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
  }

  /** Notes that the server has just begun or renewed a session. */
  begun(): void {
    this.#ports.storage.setItem(RENEWED_AT, String(this.#ports.now()));
  }

  /** Notes a session of unknown age, which is then renewed soon. */
  found(): void {
    if (!this.isExpected()) this.#ports.storage.setItem(RENEWED_AT, "0");
  }

  /** Notes that there is no session any more. */
  ended(): void {
    this.#ports.storage.removeItem(RENEWED_AT);
  }

  /** Whether somebody has signed in here and not out again. */
  isExpected(): boolean {
    return this.#renewedAt() !== null;
  }

  /** Whether the token will expire soon. */
  isDue(): boolean {
    const renewedAt = this.#renewedAt();
    if (renewedAt === null) return false;
    const age = this.#ports.now() - renewedAt;
    // Negative when the clock was set back: nobody knows how old it is then.
    return age < 0 || age > RENEW_AFTER;
  }

  /**
   * Renews after a request that was sent at `askedAt` was answered with 401. Callers share one renewal, and a session that
   * another tab has renewed since is not renewed again.
   */
  renewAfter401(askedAt: number): Promise<Renewal> {
    return this.#once(async () => {
      if (this.#renewedSince(askedAt)) return "renewed";
      // 401 is also the answer about somebody else's things, to a session that is good.
      if (await this.#isSignedIn()) return "not needed";
      return this.#refresh();
    });
  }

  /** Renews before the token expires. */
  async renewIfDue(): Promise<Renewal> {
    if (!this.isDue()) return "not needed";
    // Unless another tab was faster.
    return this.#once(async () => (this.isDue() ? this.#refresh() : "renewed"));
  }

  #once(task: () => Promise<Renewal>): Promise<Renewal> {
    this.#renewing ??= this.#ports.exclusively(task).finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #isSignedIn(): Promise<boolean> {
    const response = await this.#ports.fetch("/api/users/currentuser");
    const body: unknown = response.ok ? await response.json() : null;
    return typeof body === "object" && body !== null && "currentUser" in body && body.currentUser !== null;
  }

  async #refresh(): Promise<Renewal> {
    const response = await this.#ports.fetch("/api/users/refresh", { method: "POST" });
    if (response.ok) {
      this.begun();
      return "renewed";
    }
    if (response.status === 401) {
      this.ended();
      return "over";
    }
    throw new TypeError(`the session could not be renewed: ${response.status}`);
  }

  #renewedSince(moment: number): boolean {
    const renewedAt = this.#renewedAt();
    return renewedAt !== null && renewedAt >= moment && renewedAt <= this.#ports.now();
  }

  #renewedAt(): number | null {
    const text = this.#ports.storage.getItem(RENEWED_AT);
    const renewedAt = text === null ? Number.NaN : Number(text);
    return Number.isFinite(renewedAt) ? renewedAt : null;
  }
}

/** One task at a time over all tabs, by the Web Locks API; within this tab where there is none (plain http). */
async function exclusively<T>(task: () => Promise<T>): Promise<T> {
  if (!("locks" in navigator)) return task();
  return (await navigator.locks.request("ticketing.session", task)) as T;
}

/** Storage that may be forbidden: the tab then remembers for itself. */
function sharedStorage(): SessionPorts["storage"] {
  try {
    return window.localStorage;
  } catch {
    const own = new Map<string, string>();
    return {
      getItem: (key) => own.get(key) ?? null,
      setItem: (key, value) => void own.set(key, value),
      removeItem: (key) => void own.delete(key),
    };
  }
}

/** The one session of this browser. */
export const session = new Session({
  fetch: (...request) => fetch(...request),
  storage: sharedStorage(),
  exclusively,
  now: Date.now,
});
