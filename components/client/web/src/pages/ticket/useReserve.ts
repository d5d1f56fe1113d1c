import { useMutation, useQueryClient } from "@tanstack/react-query";
import { orderQuery, ticketQuery } from "../../api/queries";
import { request } from "../../api/request";
import type { Order, Ticket } from "../../api/types";

/** Reserves a ticket. */
export function useReserve(ticket: Ticket) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () =>
      (await request<Order>("/api/orders", { method: "POST", body: { ticketId: ticket.id } })).body,
    onSuccess: (order) => client.setQueryData(orderQuery(order.id).queryKey, order),
    onSettled: () => client.invalidateQueries({ queryKey: ticketQuery(ticket.id).queryKey }),
  });
}
