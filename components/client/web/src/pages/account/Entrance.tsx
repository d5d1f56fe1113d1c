import type { ReactNode } from "react";
import { Navigate, useNavigate, useSearchParams } from "react-router";
import { useMe } from "../../api/account";
import CredentialsForm from "../../components/CredentialsForm";
import { Loading } from "../../components/Loading";
import { PageTitle } from "../../components/PageTitle";
import { safePath } from "../../lib/safe-path";

interface Props {
  route: "signin" | "signup";
  title: string;
  lead: string;
  /** The way to the other entrance, given the query that leads back. */
  other: (query: string) => ReactNode;
}

/** A page to sign in or up on; then back to where one was. */
export function Entrance({ route, title, lead, other }: Props) {
  const [parameters] = useSearchParams();
  const navigate = useNavigate();
  const me = useMe();
  const next = safePath(parameters.get("next"));
  if (me.isPending) return <Loading />;
  if (me.data) return <Navigate replace to={next} />;
  return (
    <div className="narrow entrance">
      <PageTitle title={title} />
      <p className="lead">{lead}</p>
      <CredentialsForm route={route} onDone={() => void navigate(next, { replace: true })} />
      <p className="entrance__other">{other(parameters.size > 0 ? `?${parameters}` : "")}</p>
    </div>
  );
}
