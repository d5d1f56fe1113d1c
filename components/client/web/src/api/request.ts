import { ApiError, type Complaint, NoAnswer } from "./errors";
import { underKey } from "./idempotency";
import { serverClock } from "./server-clock";
import { session } from "./session";
import { signInAgain } from "./sign-in-again";

export interface Reply<T> {
  body: T;
  status: number;
  /** Where the next page of a list is, when there is one. */
  next: string | null;
}

export interface RequestOptions {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Sent as JSON. */
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** What a 401 means: an expired session that is renewed (the default), or the answer itself. */
  on401?: "renew" | "answer";
  /** The `Idempotency-Key` of a write that is asked for once more; writes without one get theirs here. */
  key?: string;
}

/** Milliseconds after which no answer will come: longer than the shop's own limit of 30 s. */
const PATIENCE = 40_000;
/** What the page may have asked for before its script does (crates/client/src/early_data.rs), until the script has. */
const preloaded = new Set(["/api/users/currentuser", "/api/config", "/api/tickets?limit=24"]);
/** Milliseconds before a request is repeated whose connection broke. */
const BREATH = 400;

/**
 * Asks the API.
 *
 * @throws {ApiError} when it says no
 * @throws {NoAnswer} when it says nothing
 */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<Reply<T>> {
  if (options.method === undefined || options.method === "GET" || options.key !== undefined) return inSession(path, options);
  const write = JSON.stringify([options.method, path, options.body]);
  return underKey(write, (key) => inSession(path, { ...options, key }));
}

/** Asks with a session that is renewed when it has expired. */
async function inSession<T>(path: string, options: RequestOptions): Promise<Reply<T>> {
  const askedAt = Date.now();
  try {
    return await persistently<T>(path, options);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401 || options.on401 === "answer") throw error;
    if (!(await hasNewSession(askedAt))) throw error;
    return persistently<T>(path, options);
  }
}

/** Asks once more when the connection broke: with its key, a write is not done twice. Reads are repeated by who reads. */
async function persistently<T>(path: string, options: RequestOptions): Promise<Reply<T>> {
  const began = performance.now();
  try {
    return await ask<T>(path, options);
  } catch (error) {
    const broke = error instanceof NoAnswer && performance.now() - began < PATIENCE / 4;
    if (!broke || options.key === undefined || !navigator.onLine) throw error;
    await new Promise((resolve) => setTimeout(resolve, BREATH));
    return ask<T>(path, options);
  }
}

/** Whether a request that was refused at `askedAt` deserves another try. */
async function hasNewSession(askedAt: number): Promise<boolean> {
  const expected = session.isExpected();
  const renewal = await session.renewAfter401(askedAt).catch((error: unknown) => {
    throw new NoAnswer(error);
  });
  if (renewal === "over") return expected && signInAgain.wait();
  return renewal === "renewed";
}

async function ask<T>(path: string, { method = "GET", body, signal, key }: RequestOptions): Promise<Reply<T>> {
  const sent = preloaded.delete(path) ? null : serverClock.local();
  const limit = AbortSignal.timeout(PATIENCE);
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
    });
    serverClock.learn(response.headers.get("date"), sent, serverClock.local());
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new NoAnswer(error);
  }
  const json = parse(text);
  if (!response.ok) {
    throw new ApiError(response.status, complaints(json), seconds(response.headers.get("retry-after")));
  }
  return { body: json as T, status: response.status, next: nextPage(response.headers.get("link")) };
}

function parse(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function complaints(json: unknown): Complaint[] {
  const list = typeof json === "object" && json !== null && "errors" in json ? json.errors : null;
  if (!Array.isArray(list)) return [];
  return list.filter((entry): entry is Complaint => typeof entry?.message === "string");
}

function seconds(header: string | null): number | null {
  const value = Number.parseInt(header ?? "", 10);
  return Number.isFinite(value) ? value : null;
}

/** The target of `rel="next"` in a Link header (RFC 8288), as a path of this origin. */
export function nextPage(header: string | null): string | null {
  const target = /<([^>]+)>\s*;\s*rel="?next"?/.exec(header ?? "")?.[1];
  if (target === undefined) return null;
  const url = new URL(target, window.location.origin);
  return url.pathname + url.search;
}
