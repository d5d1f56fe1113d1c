import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { describeError } from "../../api/errors";
import { request } from "../../api/request";
import type { Order } from "../../api/types";
import { announce } from "../../components/Announcer";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";

/** Gives a reserved ticket back. `label` is the beginning of "Cancel the reservation of …", which is the button's full name. */
export function CancelOrder({ order, label = "Cancel" }: { order: Order; label?: string }) {
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
        {label}
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
