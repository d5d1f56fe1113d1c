import type { ReactNode } from "react";
import { describeError } from "../api/errors";
import { Button } from "./Button";

/** A page or a list with nothing to show: why, and what to do. */
export function Blank({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="blank">
      <svg className="blank__mark" viewBox="0 0 64 40" aria-hidden="true" focusable="false">
        <path d="M4 8a4 4 0 0 1 4-4h48a4 4 0 0 1 4 4v7a5 5 0 0 0 0 10v7a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4v-7a5 5 0 0 0 0-10z" />
        <path d="M42 6v28" strokeDasharray="3 4" />
      </svg>
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {actions && <div className="actions actions--center">{actions}</div>}
    </div>
  );
}

/** A page or a list that could not be loaded. */
export function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div role="alert">
      <Blank
        title="That did not work"
        actions={
          <Button kind="primary" onClick={onRetry}>
            Try again
          </Button>
        }
      >
        {describeError(error)}
      </Blank>
    </div>
  );
}
