import type { Stripe } from "@stripe/stripe-js";
import { loadStripe } from "@stripe/stripe-js/pure";
import { NoAnswer } from "../../api/errors";

let loading: Promise<Stripe> | null = null;

/** Stripe.js, from Stripe's own address as its terms want it, and only where a card is to be typed. */
export function stripe(publishableKey: string): Promise<Stripe> {
  loading ??= loadStripe(publishableKey).then(
    (loaded) => {
      if (loaded === null) throw new NoAnswer();
      return loaded;
    },
    (error: unknown) => {
      // The next try begins anew.
      loading = null;
      throw new NoAnswer(error);
    },
  );
  return loading;
}
