import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { describeError, hasStatus, isUncertain } from "../../api/errors";
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
  const token = useRef<string | null>(null);

  useEffect(() => {
    if (isClosed(order)) setStage({ name: "card" });
  }, [order]);

  const send = async (during: Stage): Promise<void> => {
    if (underWay.current || token.current === null) return;
    underWay.current = true;
    setStage(during);
    setProblem(null);
    try {
      const body = { orderId: order.id, token: token.current };
      const reply = await request<PaymentReply>("/api/payments", { method: "POST", body });
      setStage(stageAfter(reply.body));
      if (reply.body.status === "requires_action" && during.name === "confirming") {
        setProblem("Your bank has not approved the payment yet. Confirm it there, or use another card.");
      }
    } catch (error) {
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
    pay: (given) => {
      if (!underWay.current) token.current = given;
      return send({ name: "sending" });
    },
    check: () => send(stage),
    confirmed: (why) => {
      setProblem(why);
      setStage(why === null ? { name: "settling" } : { name: "card" });
    },
    changeCard: () => {
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
  if (hasStatus(error, 402)) return `${describeError(error)} Nothing was charged. You can try again, or use another card.`;
  if (isUncertain(error)) {
    return `${describeError(error)} It is safe to try again: an order is never charged twice.`;
  }
  return describeError(error);
}
