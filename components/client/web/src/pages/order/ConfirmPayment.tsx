import { useEffect, useRef } from "react";
import { describeError } from "../../api/errors";
import { Button } from "../../components/Button";
import { stripe } from "./stripe";
import type { Payment, Stage } from "./usePayment";

interface Props {
  stage: Extract<Stage, { name: "confirming" }>;
  payment: Payment;
  /** Null when Stripe.js is not what shows the bank's page. */
  publishableKey: string | null;
}

/** Milliseconds between two looks at what became of it. */
const LOOK = 4000;
/** Milliseconds that it may take to be known after somebody comes back from the bank's page. */
const GRACE = 500;

/** The card's holder confirms with their bank (3-D Secure): in Stripe's dialog, or on a page of the bank's. */
export function ConfirmPayment({ stage, payment, publishableKey }: Props) {
  const { clientSecret, redirectUrl } = stage;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  useStripeDialog(publishableKey, clientSecret, payment.confirmed);
  useLooks(payment.check, publishableKey === null);
  return (
    <div className="confirm">
      <h2 ref={heading} tabIndex={-1}>
        Your bank wants you to confirm
      </h2>
      {publishableKey === null && redirectUrl !== null ? (
        <>
          <p>It opens in a new tab. When you have confirmed the payment there, come back here: this page goes on by itself.</p>
          <div className="actions">
            <a className="button button--primary" href={redirectUrl} target="_blank" rel="noopener noreferrer">
              Go to your bank<span className="visually-hidden"> (opens in a new tab)</span>
            </a>
            <Button onClick={() => void payment.check()}>I have confirmed</Button>
            <Button kind="quiet" onClick={payment.changeCard}>
              Use another card
            </Button>
          </div>
        </>
      ) : (
        <>
          <p>Follow what your bank shows you. This page goes on by itself.</p>
          <Button kind="quiet" onClick={payment.changeCard}>
            Use another card
          </Button>
        </>
      )}
    </div>
  );
}

/** Has Stripe.js show the bank's page, once for each confirmation. */
function useStripeDialog(key: string | null, clientSecret: string | null, confirmed: Payment["confirmed"]): void {
  const done = useRef(confirmed);
  done.current = confirmed;
  useEffect(() => {
    if (key === null || clientSecret === null) return;
    let stale = false;
    const ask = async (): Promise<string | null> => {
      const { error } = await (await stripe(key)).handleNextAction({ clientSecret });
      return error ? (error.message ?? "Your bank did not approve the payment. Nothing was charged.") : null;
    };
    ask()
      .catch((error: unknown) => describeError(error))
      .then((problem) => {
        if (!stale) done.current(problem);
      });
    return () => {
      stale = true;
    };
  }, [key, clientSecret]);
}

/** Asks now and then how it went, and when somebody comes back from the bank's tab. */
function useLooks(check: () => Promise<void>, enabled: boolean): void {
  const latest = useRef(check);
  latest.current = check;
  useEffect(() => {
    if (!enabled) return;
    let left = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      if (document.visibilityState === "visible") await latest.current();
      if (!left) lookIn(LOOK);
    };
    const lookIn = (milliseconds: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => void look(), milliseconds);
    };
    const back = (): void => lookIn(GRACE);
    lookIn(LOOK);
    document.addEventListener("visibilitychange", back);
    window.addEventListener("focus", back);
    return () => {
      left = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", back);
      window.removeEventListener("focus", back);
    };
  }, [enabled]);
}
