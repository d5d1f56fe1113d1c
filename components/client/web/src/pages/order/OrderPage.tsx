import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { hasStatus } from "../../api/errors";
import { orderQuery } from "../../api/queries";
import { Blank, Failed } from "../../components/Blank";
import { Loading } from "../../components/Loading";
import { PageTitle } from "../../components/PageTitle";
import { RequireUser } from "../../components/RequireUser";
import NotFound from "../NotFound";
import { OrderView } from "./OrderView";

/** One order of one's own. */
export default function OrderPage() {
  const { id = "" } = useParams();
  return <RequireUser>{() => <Loaded id={id} />}</RequireUser>;
}

function Loaded({ id }: { id: string }) {
  const order = useQuery(orderQuery(id));
  if (order.data) return <OrderView order={order.data} />;
  if (hasStatus(order.error, 404)) return <NotFound what="order" />;
  if (hasStatus(order.error, 401)) {
    return (
      <div className="narrow">
        <PageTitle title="Not your order" />
        <Blank title="This order is somebody else's">Sign in with the account that has reserved the ticket.</Blank>
      </div>
    );
  }
  return order.isError ? <Failed error={order.error} onRetry={() => void order.refetch()} /> : <Loading />;
}
