import { useRef } from "react";
import { Link } from "react-router";
import type { Ticket } from "../../api/types";
import { Money } from "../../components/Money";
import { TicketArt } from "../../components/TicketArt";
import { useFocusKeptInList } from "./useFocusKeptInList";

interface Props {
  tickets: readonly Ticket[];
  /** They answer the search before this one. */
  stale: boolean;
}

/** Tickets as cards. */
export function TicketList({ tickets, stale }: Props) {
  const list = useRef<HTMLUListElement>(null);
  useFocusKeptInList(list, tickets);
  return (
    <ul ref={list} className="cards" aria-label="Tickets on sale" data-stale={stale ? "" : undefined}>
      {tickets.map(({ id, title, price }) => (
        <li key={id} className="card">
          <TicketArt id={id} />
          <h2 className="card__title">
            <Link to={`/tickets/${id}`}>{title}</Link>
          </h2>
          <p className="card__price">
            <Money amount={price} />
          </p>
        </li>
      ))}
    </ul>
  );
}

/** As many grey cards as fill the first screen, of the size that the real ones have. */
TicketList.Skeleton = function Skeleton() {
  return (
    <ul className="cards" aria-hidden="true">
      {Array.from({ length: 12 }, (_, n) => (
        <li key={n} className="card card--skeleton">
          <div className="art" />
          <p className="card__title">&nbsp;</p>
          <p className="card__price">&nbsp;</p>
        </li>
      ))}
    </ul>
  );
};
