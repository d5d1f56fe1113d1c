/**
 * Between a request that finds the session over and the person who can begin a new one. The request waits, so that
 * nothing that was typed or begun is lost; the dialog that asks for the password listens here.
 */

type Listener = () => void;

class SignInAgain {
  /** Answers all requests that wait; null while none does. */
  #settle: ((signedIn: boolean) => void) | null = null;
  #waiting: Promise<boolean> | null = null;
  readonly #listeners = new Set<Listener>();

  /** Whether a request waits. */
  readonly isNeeded = (): boolean => this.#waiting !== null;

  readonly subscribe = (listener: Listener): Listener => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Waits for the person: true once they have signed in, false when they would rather not. */
  wait(): Promise<boolean> {
    if (this.#waiting === null) {
      this.#waiting = new Promise((resolve) => {
        this.#settle = resolve;
      });
      this.#tell();
    }
    return this.#waiting;
  }

  /** Answers everything that waits. */
  answer(signedIn: boolean): void {
    this.#settle?.(signedIn);
    this.#settle = null;
    this.#waiting = null;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

export const signInAgain = new SignInAgain();
