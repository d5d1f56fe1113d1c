import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { ownTicketsQuery, rowsOf } from "../../api/queries";
import type { TicketState } from "../../api/types";
import { Badge } from "../../components/Badge";
import { Blank, Failed } from "../../components/Blank";
import { Endless } from "../../components/Endless";
import { Loading } from "../../components/Loading";
import { Money } from "../../components/Money";
import { PageTitle } from "../../components/PageTitle";
import { RequireUser } from "../../components/RequireUser";
import { TicketArt } from "../../components/TicketArt";

const STATES: Record<TicketState, { label: string; tone: "info" | "warning" | "success"; note: string }> = {
  "on-sale": { label: "On sale", tone: "info", note: "Anybody can reserve it. You can change it or take it back." },
  reserved: { label: "Reserved", tone: "warning", note: "Somebody is about to pay. If they do not, it is on sale again." },
  sold: { label: "Sold", tone: "success", note: "It is paid." },
};

/** What the signed-in person sells and has sold. */
export default function OwnTickets() {
  return (
    <RequireUser>
      {() => (
        <>
          <div className="title-row">
            <PageTitle title="My tickets" />
            <Link className="button button--primary" to="/sell">
              Sell a ticket
            </Link>
          </div>
          <List />
        </>
      )}
    </RequireUser>
  );
}

function List() {
  const query = useInfiniteQuery(ownTicketsQuery);
  const tickets = rowsOf(query.data);
  if (query.isPending) return <Loading />;
  if (query.data === undefined) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (tickets.length === 0) {
    return <Blank title="You have not sold anything yet">A ticket that you put on sale is here, with what becomes of it.</Blank>;
  }
  return (
    <Endless query={query}>
      <ul className="rows" aria-label="My tickets">
        {tickets.map(({ id, title, price, state }) => (
          <li key={id} className="row">
            <TicketArt id={id} />
            <div className="row__main">
              <h2>
                <Link to={`/tickets/${id}`}>{title}</Link>
              </h2>
              <p className="row__note">{STATES[state].note}</p>
            </div>
            <p className="row__price">
              <Money amount={price} />
            </p>
            <Badge tone={STATES[state].tone}>{STATES[state].label}</Badge>
            {state === "on-sale" && (
              <Link className="button button--secondary" to={`/tickets/${id}/edit`} aria-label={`Edit ${title}`}>
                Edit
              </Link>
            )}
          </li>
        ))}
      </ul>
    </Endless>
  );
}
