import { expect, test } from "vitest";
import { ApiError, NoAnswer } from "./errors";
import { newKey, underKey } from "./idempotency";

/** The keys under which a write was tried, each try with its outcome. */
async function keysOf(...outcomes: (Error | "done")[]): Promise<string[]> {
  const write = newKey();
  const keys: string[] = [];
  for (const outcome of outcomes) {
    const task = async (key: string): Promise<void> => {
      keys.push(key);
      if (outcome !== "done") throw outcome;
    };
    await underKey(write, task).catch(() => undefined);
  }
  return keys;
}

test("a write without an answer is tried again under its key, whatever kind of silence it was", async () => {
  for (const silence of [new NoAnswer(), new ApiError(504, []), new ApiError(503, [])]) {
    const [first, second] = await keysOf(silence, "done");
    expect(second).toBe(first);
  }
});

test("after an answer the same write is a new one", async () => {
  for (const answer of ["done" as const, new ApiError(402, []), new ApiError(400, [])]) {
    const [first, second] = await keysOf(answer, "done");
    expect(second).not.toBe(first);
  }
});

test("a double click is one write", async () => {
  const keys: string[] = [];
  const write = newKey();
  const task = async (key: string): Promise<void> => void keys.push(key);
  await Promise.all([underKey(write, task), underKey(write, task)]);
  expect(new Set(keys).size).toBe(1);
});
