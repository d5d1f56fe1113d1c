import type { ReactNode } from "react";

interface Props {
  kind?: "info" | "success" | "warning" | "danger";
  children: ReactNode;
  /** Whether a screen reader is told at once. */
  urgent?: boolean;
}

/** A message inside a page. */
export function Notice({ kind = "info", urgent = kind === "danger", children }: Props) {
  return (
    <div className={`notice notice--${kind}`} role={urgent ? "alert" : undefined}>
      {children}
    </div>
  );
}
