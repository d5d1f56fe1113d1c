import { Link, NavLink, useLocation } from "react-router";
import { useMe, useSignOut } from "../api/account";
import { announce } from "../components/Announcer";
import { Button } from "../components/Button";

export function Header() {
  const me = useMe();
  return (
    <header className="header">
      <div className="header__inner">
        <Link className="brand" to="/">
          <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path d="M3 9a2 2 0 0 1 2-2h22a2 2 0 0 1 2 2v4a3 3 0 0 0 0 6v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4a3 3 0 0 0 0-6z" />
            <path className="brand__tear" d="M21 9v14" />
          </svg>
          Ticketing
        </Link>
        <nav className="nav" aria-label="Shop">
          <NavLink to="/" end>
            On sale
          </NavLink>
          <NavLink to="/sell">Sell</NavLink>
          {me.data && (
            <>
              <NavLink to="/orders">My orders</NavLink>
              <NavLink to="/selling">My tickets</NavLink>
            </>
          )}
        </nav>
        <Account email={me.data?.email} known={!me.isPending} />
      </div>
    </header>
  );
}

function Account({ email, known }: { email: string | undefined; known: boolean }) {
  const signOut = useSignOut();
  const { pathname, search } = useLocation();
  if (!known) return <div className="account" />;
  if (email === undefined) {
    const entrance = pathname.startsWith("/sign") ? search : `?next=${encodeURIComponent(pathname + search)}`;
    return (
      <div className="account">
        <Link className="button button--quiet" to={`/signin${entrance}`}>
          Sign in
        </Link>
        <Link className="button button--primary" to={`/signup${entrance}`}>
          Sign up
        </Link>
      </div>
    );
  }
  const leave = async (): Promise<void> => {
    try {
      await signOut.mutateAsync();
      announce("You are signed out.");
    } catch {
      announce("Signing out did not work. Try again.");
    }
  };
  return (
    <div className="account">
      <span className="account__email" title={email}>
        <span className="visually-hidden">Signed in as </span>
        {email}
      </span>
      <Button kind="quiet" busy={signOut.isPending} onClick={() => void leave()}>
        {signOut.isError ? "Sign out (try again)" : "Sign out"}
      </Button>
    </div>
  );
}
