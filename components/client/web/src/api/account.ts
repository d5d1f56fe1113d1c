import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { meQuery } from "./queries";
import { request } from "./request";
import { session } from "./session";
import { signInAgain } from "./sign-in-again";
import type { Credentials, User } from "./types";

/** Tells the other tabs who is signed in now. */
const channel = "BroadcastChannel" in window ? new BroadcastChannel("ticketing.account") : null;

/** Milliseconds between two looks at the session's age. */
const LOOK_AT_SESSION = 30_000;

export function useMe() {
  return useQuery(meQuery);
}

/** Signs in or up. Somebody else's data is forgotten; one's own stays, with what is being typed. */
export function useEnter(route: "signin" | "signup") {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (credentials: Credentials) =>
      (await request<User>(`/api/users/${route}`, { method: "POST", body: credentials, on401: "answer" })).body,
    onSuccess: async (user) => {
      session.begun();
      await changePerson(client, user);
      channel?.postMessage("changed");
    },
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => request("/api/users/signout", { method: "POST", on401: "answer" }),
    onSuccess: async () => {
      session.ended();
      await changePerson(client, null);
      channel?.postMessage("changed");
    },
  });
}

/** Renews the session before it expires, while somebody looks, and follows what other tabs do. */
export function useSessionUpkeep(): void {
  const client = useQueryClient();
  useEffect(() => {
    const keep = (): void => {
      // What fails now is tried again in a moment, or when a request needs it.
      if (document.visibilityState === "visible") session.renewIfDue().catch(() => undefined);
    };
    const follow = (): void => {
      void client.invalidateQueries();
      // Whoever has signed in over there need not do so here.
      if (signInAgain.isNeeded() && session.isExpected()) signInAgain.answer(true);
    };
    keep();
    const timer = setInterval(keep, LOOK_AT_SESSION);
    document.addEventListener("visibilitychange", keep);
    channel?.addEventListener("message", follow);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", keep);
      channel?.removeEventListener("message", follow);
    };
  }, [client]);
}

async function changePerson(client: ReturnType<typeof useQueryClient>, user: User | null): Promise<void> {
  await client.cancelQueries({ queryKey: meQuery.queryKey });
  const before = client.getQueryData(meQuery.queryKey);
  client.setQueryData(meQuery.queryKey, user);
  if (before?.id !== user?.id) {
    client.removeQueries({ queryKey: ["orders"] });
    client.removeQueries({ queryKey: ["tickets", "own"] });
  }
}
