import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { describeError, hasStatus } from "../../api/errors";
import { request } from "../../api/request";
import type { Ticket } from "../../api/types";
import { announce } from "../../components/Announcer";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { Notice } from "../../components/Notice";

/** Edit and delete, or why not. */
export function SellerActions({ ticket }: { ticket: Ticket }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: async () => {
      try {
        await request(`/api/tickets/${ticket.id}`, { method: "DELETE" });
      } catch (error) {
        // Gone is gone, whichever of two requests did it.
        if (!hasStatus(error, 404)) throw error;
      }
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["tickets", "own"] });
      announce(`${ticket.title} is no longer on sale.`);
      await navigate("/selling", { replace: true });
    },
    onError: () => client.invalidateQueries({ queryKey: ["tickets", "one", ticket.id] }),
    onSettled: () => setAsking(false),
  });
  return (
    <>
      <div aria-live="polite">
        {ticket.orderId === undefined ? (
          <Notice>This is your ticket, and it is on sale.</Notice>
        ) : (
          <Notice kind="warning">
            This is your ticket. Somebody has reserved or bought it, so it can no longer be changed. If they do not pay in
            time, it is on sale again.
          </Notice>
        )}
      </div>
      {remove.isError && <Notice kind="danger">{describeError(remove.error)}</Notice>}
      {ticket.orderId === undefined && (
        <div className="actions">
          <Link className="button button--primary" to={`/tickets/${ticket.id}/edit`}>
            Edit
          </Link>
          <Button onClick={() => setAsking(true)}>Delete</Button>
        </div>
      )}
      <p>
        <Link to="/selling">All my tickets</Link>
      </p>
      <ConfirmDialog
        open={asking}
        title="Delete this ticket?"
        action="Delete it"
        dismissal="Keep it"
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={() => setAsking(false)}
      >
        <p>“{ticket.title}” is taken off sale at once and cannot be brought back.</p>
      </ConfirmDialog>
    </>
  );
}
