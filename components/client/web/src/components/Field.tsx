import { type InputHTMLAttributes, type ReactNode, type Ref, useId } from "react";

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  /** What is wrong with the input; nothing when it is fine. */
  error?: string | undefined;
  /** Said below the field while nothing is wrong. */
  hint?: ReactNode;
  /** Stands in front of the input, inside its frame. */
  prefix?: string;
  ref?: Ref<HTMLInputElement>;
}

/** An input with its label, a hint, and what is wrong with it. */
export function Field({ label, error, hint, prefix, className, ref, ...input }: Props) {
  const id = useId();
  const about = `${id}-about`;
  return (
    <div className={`field ${className ?? ""}`}>
      <label htmlFor={id}>{label}</label>
      <div className="field__frame" data-invalid={error ? "" : undefined}>
        {prefix && (
          <span className="field__prefix" aria-hidden="true">
            {prefix}
          </span>
        )}
        <input {...input} id={id} ref={ref} aria-invalid={error ? true : undefined} aria-describedby={error || hint ? about : undefined} />
      </div>
      {(error || hint) && (
        <p id={about} className={error ? "field__error" : "field__hint"}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}
