import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { describeError } from "../../api/errors";
import { request } from "../../api/request";
import type { Order } from "../../api/types";
import { announce } from "../../components/Announcer";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";

/** Gives a reserved ticket back. */
export function CancelOrder({ order }: { order: Order }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => request(`/api/orders/${order.id}`, { method: "DELETE" }),
    onSuccess: () => {
      announce("The reservation is cancelled.");
      setAsking(false);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["orders"] }),
  });
  const open = (): void => {
    cancel.reset();
    setAsking(true);
  };
  return (
    <>
      <Button kind="quiet" onClick={open} aria-label={`Cancel the reservation of ${order.ticket.title}`}>
        Cancel
      </Button>
      <ConfirmDialog
        open={asking}
        title="Cancel the reservation?"
        action="Cancel it"
        dismissal="Keep it"
        busy={cancel.isPending}
        onConfirm={() => cancel.mutate()}
        onClose={() => setAsking(false)}
      >
        <p>“{order.ticket.title}” is then on sale again for everybody. Nothing is charged.</p>
        {cancel.isError && (
          <p className="field__error" role="alert">
            {describeError(cancel.error)}
          </p>
        )}
      </ConfirmDialog>
    </>
  );
}
