import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { configQuery, onSaleQuery, rowsOf } from "../../api/queries";
import { Blank, Failed } from "../../components/Blank";
import { Button } from "../../components/Button";
import { Endless } from "../../components/Endless";
import { PageTitle } from "../../components/PageTitle";
import { useDebounced } from "../../lib/useDebounced";
import { SearchField } from "./SearchField";
import { TicketList } from "./TicketList";

/** Milliseconds without a key before a search is sent. */
const TYPING_PAUSE = 200;

/** What can be bought now: the front page. */
export default function OnSale() {
  const { text, setText, search } = useSearch();
  const config = useQuery(configQuery);
  const query = useInfiniteQuery(onSaleQuery(search));
  const tickets = rowsOf(query.data);
  // The first prices are written once, in the right currency.
  const isLoading = query.isPending || config.isPending;
  return (
    <>
      <div className="hero">
        <PageTitle title="On sale now" />
        <SearchField value={text} onChange={setText} />
      </div>
      <p className="status" role="status">
        {isLoading || query.isError ? "" : summary(tickets.length, query.hasNextPage, search)}
      </p>
      {query.isError && query.data === undefined ? (
        <Failed error={query.error} onRetry={() => void query.refetch()} />
      ) : isLoading ? (
        <TicketList.Skeleton />
      ) : tickets.length === 0 ? (
        <NothingFound search={search} onClear={() => setText("")} />
      ) : (
        <Endless query={query}>
          <TicketList tickets={tickets} stale={query.isPlaceholderData} />
        </Endless>
      )}
    </>
  );
}

/** The search as it is typed, and as it stands in the address, so that it can be shared and come back to. */
function useSearch() {
  const [parameters, setParameters] = useSearchParams();
  const search = parameters.get("q") ?? "";
  const [text, setText] = useState(search);
  const settled = useDebounced(text, TYPING_PAUSE).trim();
  /** What this page has put into the address itself; anything else there comes from a link, or from going back. */
  const written = useRef(search);
  useEffect(() => {
    if (settled === written.current) return;
    written.current = settled;
    setParameters(settled === "" ? {} : { q: settled }, { replace: true });
  }, [settled, setParameters]);
  useEffect(() => {
    if (search === written.current) return;
    written.current = search;
    setText(search);
  }, [search]);
  return { text, setText, search };
}

function summary(count: number, goesOn: boolean, search: string): string {
  if (count === 0) return "";
  const tickets = count === 1 ? "1 ticket" : `${goesOn ? "The newest " : ""}${count} tickets`;
  return search === "" ? tickets : `${tickets} with “${search}”`;
}

function NothingFound({ search, onClear }: { search: string; onClear: () => void }) {
  const sell = (
    <Link className="button button--secondary" to="/sell">
      Sell a ticket
    </Link>
  );
  if (search === "") {
    return (
      <Blank title="Nothing on sale at the moment" actions={sell}>
        As soon as somebody sells a ticket, it appears here by itself.
      </Blank>
    );
  }
  const actions = (
    <>
      <Button kind="primary" onClick={onClear}>
        See all tickets
      </Button>
      {sell}
    </>
  );
  return (
    <Blank title={`No ticket with “${search}”`} actions={actions}>
      Titles are searched. A shorter word may find more; a ticket that comes up later appears here by itself.
    </Blank>
  );
}
