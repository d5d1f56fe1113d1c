import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { describeError, hasStatus, isUncertain } from "../../api/errors";
import { newKey } from "../../api/idempotency";
import { request } from "../../api/request";
import type { Order, PaymentReply } from "../../api/types";
import { isClosed } from "../../lib/order-state";

/** Where a payment stands. */
export type Stage =
  /** A card can be given. */
  | { name: "card" }
  /** The shop has been asked to charge it. */
  | { name: "sending" }
  /** The card's holder has to confirm it with their bank (3-D Secure). */
  | { name: "confirming"; clientSecret: string | null; redirectUrl: string | null }
  /** It is paid; the order hears of it in a moment. */
  | { name: "settling" };

export interface Payment {
  stage: Stage;
  /** Why the last try did not work. */
  problem: string | null;
  /** Pays with a card, known by its token. A second call while one is under way does nothing. */
  pay: (token: string) => Promise<void>;
  /** Asks again how the confirmation went. */
  check: () => Promise<void>;
  /** Says that a confirmation went through, or why it did not. */
  confirmed: (problem: string | null) => void;
  /** Back to the card. */
  changeCard: () => void;
}

/** Paying an order, from the card's token to the money. */
export function usePayment(order: Order): Payment {
  const client = useQueryClient();
  const [stage, setStage] = useState<Stage>({ name: "card" });
  const [problem, setProblem] = useState<string | null>(null);
  /** Set at once, unlike state, so that the second half of a double click sees it. */
  const underWay = useRef(false);
  /** The attempt: its card, and the key under which the shop tells what became of it, however often it is asked. */
  const attempt = useRef<{ token: string; key: string } | null>(null);

  useEffect(() => {
    if (isClosed(order)) setStage({ name: "card" });
  }, [order]);

  const send = async (during: Stage): Promise<void> => {
    if (underWay.current || attempt.current === null) return;
    underWay.current = true;
    setStage(during);
    const { token, key } = attempt.current;
    try {
      const { body } = await request<PaymentReply>("/api/payments", { method: "POST", body: { orderId: order.id, token }, key });
      setStage(stageAfter(body));
    } catch (error) {
      // A look at an attempt that got no answer is repeated by itself.
      if (during.name === "confirming" && isUncertain(error)) return;
      // After an answer the next try is a new attempt; after none it is still this one.
      if (!isUncertain(error)) attempt.current = null;
      const already = hasStatus(error, 400) && describeError(error) === "Order is already paid";
      setStage(already ? { name: "settling" } : { name: "card" });
      setProblem(already ? null : inWords(error));
    } finally {
      underWay.current = false;
      void client.invalidateQueries({ queryKey: ["orders", "one", order.id] });
    }
  };

  return {
    stage,
    problem,
    pay: (token) => {
      if (underWay.current) return Promise.resolve();
      if (attempt.current?.token !== token) attempt.current = { token, key: newKey() };
      setProblem(null);
      return send({ name: "sending" });
    },
    check: () => (stage.name === "confirming" ? send(stage) : Promise.resolve()),
    confirmed: (why) => {
      attempt.current = null;
      setProblem(why);
      setStage(why === null ? { name: "settling" } : { name: "card" });
    },
    changeCard: () => {
      attempt.current = null;
      setProblem(null);
      setStage({ name: "card" });
    },
  };
}

function stageAfter(reply: PaymentReply): Stage {
  if (reply.status !== "requires_action") return { name: "settling" };
  return { name: "confirming", clientSecret: reply.clientSecret ?? null, redirectUrl: reply.redirectUrl ?? null };
}

function inWords(error: unknown): string {
  if (hasStatus(error, 402)) return `${declineInWords(describeError(error))} Nothing was charged. You can try again, or use another card.`;
  if (isUncertain(error)) {
    return `${describeError(error)} It is safe to try again: an order is never charged twice.`;
  }
  return describeError(error);
}

/** Stripe's words, but for those that are meant for programmers. */
function declineInWords(message: string): string {
  return /failed authentication/i.test(message) ? "Your bank did not approve the payment." : message;
}
