import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { configQuery } from "../../api/queries";
import type { Order } from "../../api/types";
import { Failed } from "../../components/Blank";
import { Loading } from "../../components/Loading";
import { Notice } from "../../components/Notice";
import { useMoney } from "../../lib/useMoney";
import { ConfirmPayment } from "./ConfirmPayment";
import { TestCardForm } from "./TestCardForm";
import type { Payment } from "./usePayment";

const StripeCardForm = lazy(() => import("./StripeCardForm"));

/** Pays an order. The card's form stays where it is while its payment is under way, with all that was typed. */
export function Checkout({ order, payment }: { order: Order; payment: Payment }) {
  const config = useQuery(configQuery);
  const money = useMoney();
  const { stage, problem } = payment;
  if (config.data === undefined) {
    return config.isError ? <Failed error={config.error} onRetry={() => void config.refetch()} /> : <Loading />;
  }
  const form = { action: `Pay ${money(order.ticket.price)}`, busy: stage.name === "sending", onToken: payment.pay };
  const key = config.data.publishableKey;
  const isStripe = config.data.cardForm === "stripe" && key !== null;
  return (
    <>
      {problem && <Notice kind="danger">{problem}</Notice>}
      {stage.name === "settling" && (
        <div className="settling" role="status">
          <span className="spinner" aria-hidden="true" />
          <p>The payment went through. Your ticket is being made out to you…</p>
        </div>
      )}
      {stage.name === "confirming" && <ConfirmPayment stage={stage} payment={payment} publishableKey={isStripe ? key : null} />}
      <div hidden={stage.name === "settling" || stage.name === "confirming"}>
        {isStripe ? (
          <Suspense fallback={<Loading />}>
            <StripeCardForm {...form} publishableKey={key} />
          </Suspense>
        ) : (
          <TestCardForm {...form} />
        )}
      </div>
    </>
  );
}
