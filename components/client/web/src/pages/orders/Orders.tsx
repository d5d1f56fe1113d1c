import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { ordersQuery, rowsOf } from "../../api/queries";
import { Blank, Failed } from "../../components/Blank";
import { Endless } from "../../components/Endless";
import { Loading } from "../../components/Loading";
import { PageTitle } from "../../components/PageTitle";
import { RequireUser } from "../../components/RequireUser";
import { OrderRow } from "./OrderRow";

/** What the signed-in person has reserved and bought. */
export default function Orders() {
  return (
    <RequireUser>
      {() => (
        <>
          <PageTitle title="My orders" />
          <List />
        </>
      )}
    </RequireUser>
  );
}

function List() {
  const query = useInfiniteQuery(ordersQuery);
  const orders = rowsOf(query.data);
  if (query.isPending) return <Loading />;
  if (query.data === undefined) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (orders.length === 0) {
    const browse = (
      <Link className="button button--primary" to="/">
        See what is on sale
      </Link>
    );
    return (
      <Blank title="No orders yet" actions={browse}>
        What you reserve and buy is here.
      </Blank>
    );
  }
  return (
    <Endless query={query}>
      <ul className="rows" aria-label="My orders">
        {orders.map((order) => (
          <OrderRow key={order.id} order={order} />
        ))}
      </ul>
    </Endless>
  );
}
