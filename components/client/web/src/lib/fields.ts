import type { FieldValues, Path, UseFormSetError } from "react-hook-form";
import { ApiError, describeError } from "../api/errors";

/**
 * Puts what the API finds wrong at the fields that it names. Gives what belongs to no field, in words, or null.
 */
export function showErrors<T extends FieldValues>(
  error: unknown,
  fields: readonly Path<T>[],
  setError: UseFormSetError<T>,
): string | null {
  if (!(error instanceof ApiError)) return describeError(error);
  const others: string[] = [];
  let first = true;
  for (const { field, message } of error.complaints) {
    const known = fields.find((name) => name === field);
    if (known === undefined) {
      others.push(message);
    } else {
      setError(known, { message }, { shouldFocus: first });
      first = false;
    }
  }
  if (others.length === 0 && first) return describeError(error);
  if (error.status === 429) return describeError(error);
  return others.length > 0 ? others.join(". ") : null;
}
