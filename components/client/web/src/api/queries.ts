import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { isClosed } from "../lib/order-state";
import { hasStatus } from "./errors";
import { request } from "./request";
import { session } from "./session";
import type { Order, OwnTicket, ShopConfig, Ticket, User } from "./types";

/** Milliseconds between two looks at what others may change: a sold ticket is seen to go within three seconds. */
const WATCH = 1500;
/** Milliseconds between two looks at an order that somebody waits for. */
const WATCH_CLOSELY = 500;
/** The first page is small, to be there at once; further ones are not, so that watching a long list costs few requests. */
const FIRST_PAGE = 24;
const FURTHER_PAGE = 100;

export const configQuery = queryOptions({
  queryKey: ["config"],
  queryFn: async ({ signal }) => (await request<ShopConfig>("/api/config", { signal })).body,
  staleTime: Number.POSITIVE_INFINITY,
});

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async (): Promise<User | null> => {
    const me = await askWhoIsSignedIn();
    if (me !== null) {
      session.found();
      return me;
    }
    if (!session.isExpected()) return null;
    // The token has expired; the session may not have.
    return (await session.renewAfter401(Date.now())) === "over" ? null : askWhoIsSignedIn();
  },
  staleTime: 60_000,
});

async function askWhoIsSignedIn(): Promise<User | null> {
  return (await request<{ currentUser: User | null }>("/api/users/currentuser")).body.currentUser;
}

/** What can be bought now, newest first; only titles with `search` in them, unless it is empty. */
export const onSaleQuery = (search: string) =>
  infiniteQueryOptions({
    ...paged<Ticket>(["tickets", "on-sale", search], `/api/tickets?${parameters(search)}`),
    refetchInterval: WATCH,
    placeholderData: keepPreviousData,
  });

/** What the signed-in person sells and has sold, newest first. */
export const ownTicketsQuery = infiniteQueryOptions({
  ...paged<OwnTicket>(["tickets", "own"], `/api/tickets?seller=me&limit=${FIRST_PAGE}`),
  refetchInterval: WATCH,
});

/** The signed-in person's orders, newest first. */
export const ordersQuery = infiniteQueryOptions({
  ...paged<Order>(["orders", "list"], `/api/orders?limit=${FIRST_PAGE}`),
  refetchInterval: WATCH,
});

export const ticketQuery = (id: string) =>
  queryOptions({
    queryKey: ["tickets", "one", id],
    queryFn: async ({ signal }) => (await request<Ticket>(`/api/tickets/${encodeURIComponent(id)}`, { signal })).body,
    // What is gone does not come back.
    refetchInterval: ({ state }) => (hasStatus(state.error, 404) ? false : WATCH),
  });

/** An order; `closely` while its payment is on the way. */
export const orderQuery = (id: string, closely = false) =>
  queryOptions({
    queryKey: ["orders", "one", id],
    queryFn: async ({ signal }) => (await request<Order>(`/api/orders/${encodeURIComponent(id)}`, { signal })).body,
    refetchInterval: ({ state }) => {
      if (state.status === "error" && state.data === undefined) return false;
      if (closely) return WATCH_CLOSELY;
      return state.data && isClosed(state.data) ? false : WATCH;
    },
  });

interface PageOf<T> {
  rows: T[];
  next: string | null;
}

function paged<T>(queryKey: readonly string[], first: string) {
  return {
    queryKey,
    initialPageParam: first,
    queryFn: async ({ pageParam, signal }: { pageParam: string; signal: AbortSignal }): Promise<PageOf<T>> => {
      const { body, next } = await request<T[]>(pageParam, { signal });
      return { rows: body, next };
    },
    getNextPageParam: ({ next }: PageOf<T>) => (next === null ? null : withLimit(next, FURTHER_PAGE)),
  };
}

/** All rows of all pages, each once: what was reserved and freed between two requests may be on both of their pages. */
export function rowsOf<T extends { id: string }>(data: { pages: PageOf<T>[] } | undefined): T[] {
  const rows = new Map<string, T>();
  for (const page of data?.pages ?? []) {
    for (const row of page.rows) rows.set(row.id, row);
  }
  return [...rows.values()];
}

function parameters(search: string): string {
  const text = new URLSearchParams({ limit: String(FIRST_PAGE) });
  if (search !== "") text.set("q", search);
  return text.toString();
}

function withLimit(path: string, limit: number): string {
  const url = new URL(path, window.location.origin);
  url.searchParams.set("limit", String(limit));
  return url.pathname + url.search;
}
