import { type ReactNode, useEffect, useRef } from "react";

/** The first page is announced by the browser itself; every later one by moving the focus to its title. */
let isFirstPage = true;

/** The heading of a page. A navigation ends here: title, focus and scroll position are those of a new page. */
export function PageTitle({ title, children }: { title: string; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Ticketing`;
  }, [title]);
  useEffect(() => {
    if (isFirstPage) {
      isFirstPage = false;
      return;
    }
    // The browser scrolls back by itself when somebody goes back.
    heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children ?? title}
    </h1>
  );
}
