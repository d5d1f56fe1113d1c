import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./errors";

/** Tries after the first one, for reads that got no answer. */
const RETRIES = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < RETRIES && isWorthRetrying(error),
      retryDelay: (failures) => Math.min(500 * 2 ** failures, 4000),
      // Going back shows what was there at once; whether it is still true is asked then, too.
      staleTime: 1000,
      gcTime: 10 * 60 * 1000,
    },
    // A change is repeated by a person, who knows what they want by then.
    mutations: { retry: false },
  },
});

/** An answer that says no will say so again. */
function isWorthRetrying(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status >= 500 || error.status === 429;
}
