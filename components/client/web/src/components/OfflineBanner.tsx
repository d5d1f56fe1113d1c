import { onlineManager, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { NoAnswer } from "../api/errors";

/** Says so while what is shown may be out of date: no network, or no answer from the shop. */
export function OfflineBanner() {
  const online = useSyncExternalStore(
    (listener) => onlineManager.subscribe(listener),
    () => onlineManager.isOnline(),
  );
  const silent = useShopIsSilent();
  const text = !online
    ? "You are offline. What you see may be out of date."
    : silent
      ? "The shop does not answer at the moment. Trying again…"
      : null;
  return (
    <div role="status" className="offline-region">
      {text && <p className="offline">{text}</p>}
    </div>
  );
}

/** Whether something on this page that was there already could not be asked for again. */
function useShopIsSilent(): boolean {
  const cache = useQueryClient().getQueryCache();
  const [silent, setSilent] = useState(false);
  useEffect(
    () =>
      cache.subscribe(({ type }) => {
        if (type !== "updated") return;
        const watched = cache.findAll({ type: "active" });
        setSilent(watched.some(({ state }) => state.data !== undefined && isSilence(state.fetchFailureReason ?? state.error)));
      }),
    [cache],
  );
  return silent;
}

function isSilence(error: unknown): boolean {
  return error instanceof NoAnswer;
}
