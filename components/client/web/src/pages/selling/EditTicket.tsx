import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "react-router";
import { hasStatus } from "../../api/errors";
import { ticketQuery } from "../../api/queries";
import { request } from "../../api/request";
import type { Ticket, TicketDraft } from "../../api/types";
import { announce } from "../../components/Announcer";
import { Failed } from "../../components/Blank";
import { Loading } from "../../components/Loading";
import { Notice } from "../../components/Notice";
import { PageTitle } from "../../components/PageTitle";
import { RequireUser } from "../../components/RequireUser";
import NotFound from "../NotFound";
import { TicketForm } from "./TicketForm";

/** Changes a ticket that nobody has reserved yet. */
export default function EditTicket() {
  const { id = "" } = useParams();
  const ticket = useQuery(ticketQuery(id));
  const client = useQueryClient();
  const navigate = useNavigate();
  const edit = useMutation({
    mutationFn: async (draft: TicketDraft) =>
      (await request<Ticket>(`/api/tickets/${id}`, { method: "PUT", body: draft })).body,
    onSuccess: async (changed) => {
      client.setQueryData(ticketQuery(id).queryKey, changed);
      announce("The ticket is changed.");
      await navigate(`/tickets/${id}`, { replace: true });
    },
  });
  if (hasStatus(ticket.error, 404)) return <NotFound what="ticket" />;
  return (
    <RequireUser>
      {(me) => {
        if (ticket.data === undefined) {
          return ticket.isError ? <Failed error={ticket.error} onRetry={() => void ticket.refetch()} /> : <Loading />;
        }
        const { title, price, userId, orderId } = ticket.data;
        return (
          <div className="narrow">
            <PageTitle title="Edit your ticket" />
            {userId !== me.id ? (
              <Notice kind="danger">Only its seller can change a ticket.</Notice>
            ) : (
              <>
                <div aria-live="polite">
                  {orderId !== undefined && (
                    <Notice kind="warning">Somebody has reserved this ticket, so it cannot be changed at the moment.</Notice>
                  )}
                </div>
                <TicketForm
                  action="Save"
                  initial={{ title, price: price.toFixed(2) }}
                  onSubmit={async (draft) => void (await edit.mutateAsync(draft))}
                />
              </>
            )}
            <p>
              <Link to={`/tickets/${id}`}>Back to the ticket</Link>
            </p>
          </div>
        );
      }}
    </RequireUser>
  );
}
