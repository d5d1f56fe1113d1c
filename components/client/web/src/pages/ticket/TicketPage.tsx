import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { useMe } from "../../api/account";
import { hasStatus } from "../../api/errors";
import { ticketQuery } from "../../api/queries";
import { Failed } from "../../components/Blank";
import { Loading } from "../../components/Loading";
import { PageTitle } from "../../components/PageTitle";
import { TicketArt } from "../../components/TicketArt";
import { Money } from "../../components/Money";
import NotFound from "../NotFound";
import { BuyerActions } from "./BuyerActions";
import { SellerActions } from "./SellerActions";

/** One ticket: what it costs, and what one can do with it. */
export default function TicketPage() {
  const { id = "" } = useParams();
  const ticket = useQuery(ticketQuery(id));
  const me = useMe();
  if (hasStatus(ticket.error, 404)) return <NotFound what="ticket" />;
  if (ticket.data === undefined) {
    return ticket.isError ? <Failed error={ticket.error} onRetry={() => void ticket.refetch()} /> : <Loading />;
  }
  const { title, price, userId } = ticket.data;
  return (
    <article className="ticket">
      <div className="ticket__art">
        <TicketArt id={id} />
      </div>
      <div className="ticket__body">
        <PageTitle title={title} />
        <p className="ticket__price">
          <Money amount={price} />
        </p>
        {me.data?.id === userId ? <SellerActions ticket={ticket.data} /> : <BuyerActions ticket={ticket.data} me={me.data ?? null} />}
      </div>
    </article>
  );
}
