import { isUncertain } from "./errors";

/** Keys of writes whose outcome is not known yet, by what they ask for. */
const open = new Map<string, string>();

/**
 * Runs a write under an `Idempotency-Key`. The same write again, by a double click or by a person whose first try got no answer,
 * has the same key, so that it is done once; after an answer it is a new one.
 */
export async function underKey<T>(write: string, task: (key: string) => Promise<T>): Promise<T> {
  const key = open.get(write) ?? newKey();
  open.set(write, key);
  try {
    const result = await task(key);
    open.delete(write);
    return result;
  } catch (error) {
    if (!isUncertain(error)) open.delete(write);
    throw error;
  }
}

/** A key that nobody else makes. Not `crypto.randomUUID`, which there is over https only. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
