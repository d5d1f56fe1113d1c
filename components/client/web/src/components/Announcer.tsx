import { useSyncExternalStore } from "react";

let message = "";
const listeners = new Set<() => void>();

/** Has a screen reader say something when it has finished what it is saying. */
export function announce(text: string): void {
  // The same words twice would be no change, and nothing would be said; a no-break space is not read out.
  message = text === message ? `${text}\u00a0` : text;
  for (const listener of listeners) listener();
}

/** Where announcements are made: once in the page, from its beginning. */
export function Announcer() {
  const text = useSyncExternalStore(subscribe, () => message);
  return (
    <div className="visually-hidden" role="status" aria-live="polite" data-testid="announcer">
      {text}
    </div>
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
