import { Link } from "react-router";
import type { Order } from "../../api/types";
import { Badge } from "../../components/Badge";
import { Money } from "../../components/Money";
import { TicketArt } from "../../components/TicketArt";
import { clockFace, inWords } from "../../lib/countdown";
import { type OrderState, orderState } from "../../lib/order-state";
import { useSecondsLeft } from "../../lib/useSecondsLeft";
import { CancelOrder } from "../order/CancelOrder";

const TONES: Record<OrderState, "info" | "success" | "warning" | "muted"> = {
  "to pay": "warning",
  "time is up": "muted",
  paid: "success",
  cancelled: "muted",
};

const LABELS: Record<OrderState, string> = {
  "to pay": "To pay",
  "time is up": "Time is up",
  paid: "Paid",
  cancelled: "Cancelled",
};

/** An order in a list: how it stands, and what can be done next. */
export function OrderRow({ order }: { order: Order }) {
  const { id, ticket } = order;
  const seconds = useSecondsLeft(order.expiresAt);
  const state = orderState(order, seconds);
  return (
    <li className="row">
      <TicketArt id={ticket.id} />
      <div className="row__main">
        <h2>
          <Link to={`/orders/${id}`}>{ticket.title}</Link>
        </h2>
        <p className="row__note">
          {state === "to pay" && (
            <>
              Reserved for you for{" "}
              <span className="countdown__time" aria-hidden="true">
                {clockFace(seconds)}
              </span>
              <span className="visually-hidden">{inWords(seconds)}</span>
            </>
          )}
          {state === "paid" && "It is yours. Have a good time."}
          {state === "time is up" && "It was not paid in time."}
          {state === "cancelled" && "The reservation is over. Nothing is charged for it."}
        </p>
      </div>
      <p className="row__price">
        <Money amount={ticket.price} />
      </p>
      <Badge tone={TONES[state]}>{LABELS[state]}</Badge>
      {state === "to pay" && (
        <div className="row__actions">
          <Link className="button button--primary" to={`/orders/${id}`} aria-label={`Pay for ${ticket.title}`}>
            Pay
          </Link>
          <CancelOrder order={order} />
        </div>
      )}
      {(state === "cancelled" || state === "time is up") && (
        <div className="row__actions">
          <Link className="button button--secondary" to={`/tickets/${ticket.id}`} aria-label={`See the ticket ${ticket.title}`}>
            See the ticket
          </Link>
        </div>
      )}
    </li>
  );
}
