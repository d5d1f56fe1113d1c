import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { announce } from "../../components/Announcer";

/**
 * A ticket that is sold to somebody else takes the focus with it when it goes. Then the one in its place gets it, so
 * that who goes through the list by keyboard or ear goes on from there, and hears why.
 */
export function useFocusKeptInList(list: RefObject<HTMLUListElement | null>, rows: readonly { id: string }[]): void {
  const place = useRef<{ index: number; id: string } | null>(null);
  // The places are those of the last render: by the time that the list is empty of it, the focus is lost already.
  const ids = useRef<string[]>([]);

  useEffect(() => {
    const element = list.current;
    if (element === null) return;
    const note = (): void => {
      const items = [...element.children];
      const index = items.findIndex((item) => item.contains(document.activeElement));
      const id = ids.current[index];
      place.current = id === undefined ? null : { index, id };
    };
    // Whoever leaves the list by themselves is left alone; whoever is thrown out is not in the page any more by then.
    const forget = ({ target }: FocusEvent): void => {
      setTimeout(() => {
        if (target instanceof Node && target.isConnected && !element.contains(document.activeElement)) place.current = null;
      });
    };
    element.addEventListener("focusin", note);
    element.addEventListener("focusout", forget);
    return () => {
      element.removeEventListener("focusin", note);
      element.removeEventListener("focusout", forget);
    };
  }, [list]);

  useLayoutEffect(() => {
    ids.current = rows.map(({ id }) => id);
    const lost = place.current;
    if (lost === null) return;
    const index = ids.current.indexOf(lost.id);
    if (index !== -1) {
      place.current = { index, id: lost.id };
      return;
    }
    const items = list.current?.children;
    const next = items?.[Math.min(lost.index, items.length - 1)];
    announce("That ticket has just been reserved by somebody else.");
    place.current = null;
    next?.querySelector("a")?.focus({ preventScroll: true });
  }, [list, rows]);
}
