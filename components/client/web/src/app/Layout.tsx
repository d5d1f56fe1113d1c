import { Suspense, useEffect } from "react";
import { Outlet, useLocation, useNavigationType } from "react-router";
import { useSessionUpkeep } from "../api/account";
import { Announcer } from "../components/Announcer";
import { Loading } from "../components/Loading";
import { OfflineBanner } from "../components/OfflineBanner";
import { SessionDialog } from "../components/SessionDialog";
import { Header } from "./Header";
import { PageBoundary } from "./PageBoundary";

/** What is around every page. */
export function Layout() {
  const { pathname } = useLocation();
  useSessionUpkeep();
  useScrollToTop(pathname);
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <Header />
      <OfflineBanner />
      <main id="main" tabIndex={-1}>
        <PageBoundary key={pathname}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </PageBoundary>
      </main>
      <footer className="footer">
        <p>People sell tickets to people here. A reserved ticket is yours alone until the time is up.</p>
        <a href="/api/openapi.json">API</a>
      </footer>
      <SessionDialog />
      <Announcer />
    </>
  );
}

/** A new page begins at its top. Going back is left to the browser, which knows where one was. */
function useScrollToTop(pathname: string): void {
  const type = useNavigationType();
  useEffect(() => {
    if (type !== "POP") window.scrollTo(0, 0);
  }, [pathname, type]);
}
