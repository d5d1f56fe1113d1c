import type { Stripe, StripeCardElement } from "@stripe/stripe-js";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { describeError } from "../../api/errors";
import { Button } from "../../components/Button";
import { Notice } from "../../components/Notice";
import type { CardFormProps } from "./card-form";
import { stripe } from "./stripe";

/** Stripe's own card field: what is typed into it is between the buyer and Stripe. */
export default function StripeCardForm({ publishableKey, action, busy, onToken }: CardFormProps & { publishableKey: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const field = useRef<{ stripe: Stripe; card: StripeCardElement } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  const [ready, setReady] = useState(false);
  const [asking, setAsking] = useState(false);
  const id = useId();

  useEffect(() => {
    let unmounted = false;
    setProblem(null);
    stripe(publishableKey).then(
      (loaded) => {
        if (unmounted || frame.current === null) return;
        const card = loaded.elements().create("card", { style: { base: styleOf(frame.current) } });
        card.on("change", ({ error }) => setProblem(error?.message ?? null));
        card.on("ready", () => setReady(true));
        card.mount(frame.current);
        field.current = { stripe: loaded, card };
      },
      (error: unknown) => setProblem(describeError(error)),
    );
    return () => {
      unmounted = true;
      field.current?.card.destroy();
      field.current = null;
    };
  }, [publishableKey, attempt]);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (field.current === null || asking || busy) return;
    setAsking(true);
    setProblem(null);
    const { card } = field.current;
    const { paymentMethod, error } = await field.current.stripe.createPaymentMethod({ type: "card", card });
    if (paymentMethod) await onToken(paymentMethod.id);
    else setProblem(error.message ?? "Stripe does not take this card. Check what you have typed.");
    setAsking(false);
  };
  return (
    <form className="form" onSubmit={(event) => void submit(event)} aria-describedby={problem ? id : undefined}>
      <div className="field">
        <p className="field__label">Card</p>
        <div ref={frame} className="field__frame stripe-frame" />
      </div>
      {problem && (
        <div id={id}>
          <Notice kind="danger">{problem}</Notice>
        </div>
      )}
      {!ready && problem ? (
        <Button onClick={() => setAttempt(attempt + 1)}>Try again</Button>
      ) : (
        <Button kind="primary" type="submit" className="button--wide" busy={busy || asking || !ready}>
          {action}
        </Button>
      )}
    </form>
  );
}

/** The look of the page, for Stripe's frame, where its style sheets do not reach. */
function styleOf(element: Element) {
  const { color, fontSize } = getComputedStyle(element);
  return { color, fontSize, fontFamily: "system-ui, sans-serif" };
}
