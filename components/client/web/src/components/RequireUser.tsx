import type { ReactNode } from "react";
import { Navigate, useLocation } from "react-router";
import { useMe } from "../api/account";
import type { User } from "../api/types";
import { Failed } from "./Blank";
import { Loading } from "./Loading";

/** Sends whoever is not signed in to sign in, and back here afterwards. */
export function RequireUser({ children }: { children: (user: User) => ReactNode }) {
  const me = useMe();
  const { pathname, search } = useLocation();
  if (me.data) return children(me.data);
  if (me.isPending) return <Loading />;
  if (me.isError) return <Failed error={me.error} onRetry={() => void me.refetch()} />;
  return <Navigate replace to={`/signin?next=${encodeURIComponent(pathname + search)}`} />;
}
