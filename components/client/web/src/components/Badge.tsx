import type { ReactNode } from "react";

/** A state in a word or two. */
export function Badge({ tone, children }: { tone: "info" | "success" | "warning" | "muted"; children: ReactNode }) {
  return <span className={`badge badge--${tone}`}>{children}</span>;
}
