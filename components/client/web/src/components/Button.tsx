import type { ButtonHTMLAttributes, MouseEvent } from "react";

interface Props extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled"> {
  kind?: "primary" | "secondary" | "danger" | "quiet";
  /** At work: says so, keeps the focus and does nothing more. */
  busy?: boolean;
}

export function Button({ kind = "secondary", busy = false, type = "button", onClick, children, className, ...rest }: Props) {
  const click = (event: MouseEvent<HTMLButtonElement>): void => {
    // A busy submit button must not submit again.
    if (busy) event.preventDefault();
    else onClick?.(event);
  };
  return (
    <button
      {...rest}
      type={type}
      className={`button button--${kind} ${className ?? ""}`}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={click}
    >
      {busy && <span className="spinner" aria-hidden="true" />}
      {children}
    </button>
  );
}
