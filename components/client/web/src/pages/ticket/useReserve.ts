import { useMutation, useQueryClient } from "@tanstack/react-query";
import { hasStatus, isUncertain } from "../../api/errors";
import { orderQuery, ticketQuery } from "../../api/queries";
import { request } from "../../api/request";
import type { Order, Ticket } from "../../api/types";
import { isClosed } from "../../lib/order-state";

/** Reserves a ticket. Gives the order, also when the answer was lost on its way but the order was made. */
export function useReserve(ticket: Ticket) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (): Promise<Order> => {
      try {
        return (await request<Order>("/api/orders", { method: "POST", body: { ticketId: ticket.id } })).body;
      } catch (error) {
        // "Already reserved" may be by ourselves, in a request whose answer never came.
        if (!isUncertain(error) && !hasStatus(error, 400)) throw error;
        const own = await findOwn(ticket.id);
        if (own === null) throw error;
        return own;
      }
    },
    onSuccess: (order) => client.setQueryData(orderQuery(order.id).queryKey, order),
    onSettled: () => client.invalidateQueries({ queryKey: ticketQuery(ticket.id).queryKey }),
  });
}

async function findOwn(ticket: string): Promise<Order | null> {
  try {
    const { body } = await request<Order[]>("/api/orders");
    return body.find((order) => order.ticket.id === ticket && !isClosed(order)) ?? null;
  } catch {
    return null;
  }
}
