import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { Link } from "react-router";
import { orderQuery } from "../../api/queries";
import type { Order } from "../../api/types";
import { announce } from "../../components/Announcer";
import { Countdown } from "../../components/Countdown";
import { PageTitle } from "../../components/PageTitle";
import { TicketStub } from "../../components/TicketStub";
import { type OrderState, orderState } from "../../lib/order-state";
import { useSecondsLeft } from "../../lib/useSecondsLeft";
import { CancelOrder } from "./CancelOrder";
import { Checkout } from "./Checkout";
import { type Payment, usePayment } from "./usePayment";

const TITLES: Record<OrderState, string> = {
  "to pay": "Checkout",
  "time is up": "The time is up",
  paid: "It is yours",
  cancelled: "This order is cancelled",
};

/** An order that is known: to be paid, or what became of it. */
export function OrderView({ order }: { order: Order }) {
  const payment = usePayment(order);
  const seconds = useSecondsLeft(order.expiresAt);
  const state = orderState(order, seconds);
  // While a payment is on its way, somebody waits for what comes of it.
  const waits = payment.stage.name === "settling" || payment.stage.name === "confirming";
  useQuery(orderQuery(order.id, waits));
  useTold(state, order);
  // A cancelled order does not say why it is; who was here when the time ran out knows.
  const [ranOut, setRanOut] = useState(false);
  if (state === "time is up" && !ranOut) setRanOut(true);
  const isPaying = payment.stage.name !== "card";
  // A payment that was begun in time may still be good when the time is up: only the shop can say.
  const shown = state === "time is up" && isPaying ? "to pay" : state;
  const title = TITLES[shown === "cancelled" && ranOut ? "time is up" : shown];
  return (
    <>
      <PageTitle key={title} title={title} />
      <div className="checkout">
        <section className="checkout__main" aria-label={title}>
          <Main state={shown} order={order} payment={payment} />
        </section>
        <aside className="checkout__aside" aria-label="What you are buying">
          <TicketStub id={order.ticket.id} title={order.ticket.title} price={order.ticket.price}>
            {shown === "to pay" && state === "to pay" && (
              <>
                <Countdown seconds={seconds} />
                {!isPaying && <CancelOrder order={order} label="Cancel the reservation" />}
              </>
            )}
          </TicketStub>
        </aside>
      </div>
    </>
  );
}

function Main({ state, order, payment }: { state: OrderState; order: Order; payment: Payment }): ReactNode {
  const { ticket } = order;
  switch (state) {
    case "to pay":
      return <Checkout order={order} payment={payment} />;
    case "paid":
      return (
        <>
          <p className="lead">“{ticket.title}” is paid and nobody can take it from you. Have a good time.</p>
          <p className="actions">
            <Link className="button button--primary" to="/orders">
              My orders
            </Link>
            <Link className="button button--secondary" to="/">
              See what else is on sale
            </Link>
          </p>
        </>
      );
    case "time is up":
    case "cancelled":
      return (
        <>
          <p className="lead">
            The reservation has ended without a payment. Nothing is charged for it, and a payment that came too late is given
            back. The ticket can be reserved again, as long as nobody else is faster.
          </p>
          <p className="actions">
            <Link className="button button--primary" to={`/tickets/${ticket.id}`}>
              See the ticket
            </Link>
            <Link className="button button--secondary" to="/">
              See what else is on sale
            </Link>
          </p>
        </>
      );
  }
}

/** Says aloud what has changed, and fetches what has changed with it. */
function useTold(state: OrderState, order: Order): void {
  const client = useQueryClient();
  useEffect(() => {
    if (state === "time is up") announce("The time is up. The reservation has ended, and nothing is charged.");
    if (state === "time is up" || order.status === "complete" || order.status === "cancelled") {
      void client.invalidateQueries({ queryKey: ["orders"] });
      void client.invalidateQueries({ queryKey: ["tickets"] });
    }
  }, [state, order.status, client]);
}
