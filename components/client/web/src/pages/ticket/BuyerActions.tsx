import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "react-router";
import { describeError } from "../../api/errors";
import { ordersQuery, rowsOf } from "../../api/queries";
import type { Ticket, User } from "../../api/types";
import { Button } from "../../components/Button";
import { Notice } from "../../components/Notice";
import { useReserve } from "./useReserve";

/** Reserve, or why not. */
export function BuyerActions({ ticket, me }: { ticket: Ticket; me: User | null }) {
  const reserve = useReserve(ticket);
  const navigate = useNavigate();
  const orders = useInfiniteQuery({ ...ordersQuery, enabled: me !== null && ticket.orderId !== undefined });
  const own = [reserve.data, ...rowsOf(orders.data)].find((order) => order !== undefined && order.id === ticket.orderId);
  // Whose reservation it is turns out when one's own is answered and one's orders are there; nobody is blamed before.
  const isKnown = !reserve.isPending && (me === null || orders.isFetchedAfterMount || orders.isError);
  const isTaken = ticket.orderId !== undefined && isKnown;
  if (own) {
    return (
      <>
        <Notice kind="success">{own.status === "complete" ? "You have bought this ticket." : "This ticket is reserved for you."}</Notice>
        <Link className="button button--primary button--wide" to={`/orders/${own.id}`}>
          {own.status === "complete" ? "See your order" : "Go on to payment"}
        </Link>
      </>
    );
  }
  const start = async (): Promise<void> => {
    const order = await reserve.mutateAsync();
    await navigate(`/orders/${order.id}`);
  };
  return (
    <>
      <div aria-live="polite">
        {isTaken && (
          <Notice kind="warning">
            Somebody else has reserved this ticket. If they do not pay in time, it can be reserved here again: this page will
            show it by itself.
          </Notice>
        )}
      </div>
      {reserve.isError && ticket.orderId === undefined && <Notice kind="danger">{describeError(reserve.error)}</Notice>}
      {isTaken ? (
        <Link className="button button--secondary button--wide" to="/">
          See other tickets
        </Link>
      ) : me === null ? (
        <Link className="button button--primary button--wide" to={`/signin?next=${encodeURIComponent(`/tickets/${ticket.id}`)}`}>
          Sign in to reserve
        </Link>
      ) : (
        <Button
          kind="primary"
          className="button--wide"
          busy={reserve.isPending || ticket.orderId !== undefined}
          // What went wrong is shown above.
          onClick={() => void start().catch(() => undefined)}
        >
          Reserve
        </Button>
      )}
      <p className="hint">Reserving costs nothing. You then have some time to pay, during which nobody else can buy it.</p>
    </>
  );
}
