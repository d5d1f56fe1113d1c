/** One thing that the API finds wrong. */
export interface Complaint {
  message: string;
  /** The input field that is bad. */
  field?: string;
}

/** The API has answered, and said no. */
export class ApiError extends Error {
  readonly status: number;
  readonly complaints: readonly Complaint[];
  /** Seconds that the API asks to wait before another try. */
  readonly retryAfter: number | null;

  constructor(status: number, complaints: readonly Complaint[], retryAfter: number | null = null) {
    super(complaints[0]?.message ?? `The shop answered with ${status}.`);
    this.name = "ApiError";
    this.status = status;
    this.complaints = complaints;
    this.retryAfter = retryAfter;
  }
}

/** There was no answer: no network, or the shop is down. Whether a change took effect is not known. */
export class NoAnswer extends Error {
  constructor(cause?: unknown) {
    super("The shop cannot be reached. Check your connection and try again.", { cause });
    this.name = "NoAnswer";
  }
}

/** Whether `error` is an answer with this status. */
export function hasStatus(error: unknown, ...statuses: number[]): boolean {
  return error instanceof ApiError && statuses.includes(error.status);
}

/** Whether nobody can know if the change that failed so took effect after all. */
export function isUncertain(error: unknown): boolean {
  return error instanceof NoAnswer || (error instanceof ApiError && error.status >= 500);
}

/** Words for a person. */
export function describeError(error: unknown): string {
  if (error instanceof ApiError && error.status === 429) {
    const wait = error.retryAfter === null ? "a while" : describeWait(error.retryAfter);
    return `${error.message}. Wait ${wait} and try again.`.replace("..", ".");
  }
  if (error instanceof ApiError || error instanceof NoAnswer) return error.message;
  return "Something went wrong on this page. Try again, or load it anew.";
}

function describeWait(seconds: number): string {
  if (seconds <= 90) return `${Math.max(1, Math.round(seconds))} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
