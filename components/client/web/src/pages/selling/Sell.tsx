import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { ticketQuery } from "../../api/queries";
import { request } from "../../api/request";
import type { Ticket, TicketDraft } from "../../api/types";
import { announce } from "../../components/Announcer";
import { PageTitle } from "../../components/PageTitle";
import { RequireUser } from "../../components/RequireUser";
import { TicketForm } from "./TicketForm";

/** Puts a ticket on sale. */
export default function Sell() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const sell = useMutation({
    mutationFn: async (draft: TicketDraft) => (await request<Ticket>("/api/tickets", { method: "POST", body: draft })).body,
    onSuccess: async (ticket) => {
      client.setQueryData(ticketQuery(ticket.id).queryKey, ticket);
      announce(`${ticket.title} is on sale.`);
      await navigate(`/tickets/${ticket.id}`);
    },
  });
  return (
    <RequireUser>
      {() => (
        <div className="narrow">
          <PageTitle title="Sell a ticket" />
          <p className="lead">It is on sale as soon as you press the button, and you can change it until somebody reserves it.</p>
          <TicketForm action="Put on sale" onSubmit={async (draft) => void (await sell.mutateAsync(draft))} />
        </div>
      )}
    </RequireUser>
  );
}
