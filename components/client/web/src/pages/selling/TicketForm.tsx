import { useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import type { TicketDraft } from "../../api/types";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { Notice } from "../../components/Notice";
import { showErrors } from "../../lib/fields";
import { parsePrice } from "../../lib/price";
import { useCurrencySymbol, useMoney } from "../../lib/useMoney";

interface Props {
  /** What is filled in already. */
  initial?: TicketDraft;
  /** What the button says. */
  action: string;
  onSubmit: (draft: TicketDraft) => Promise<void>;
}

const LONGEST_TITLE = 200;

/** Title and price of a ticket. */
export function TicketForm({ initial = { title: "", price: "" }, action, onSubmit }: Props) {
  const [problem, setProblem] = useState<string | null>(null);
  const symbol = useCurrencySymbol();
  const money = useMoney();
  const { register, handleSubmit, setError, control, formState } = useForm<TicketDraft>({ defaultValues: initial });
  const { errors } = formState;
  const typed = parsePrice(useWatch({ control, name: "price" }));
  const submit = handleSubmit(async ({ title, price }) => {
    const reading = parsePrice(price);
    if (!reading.ok) return;
    setProblem(null);
    try {
      await onSubmit({ title: title.trim(), price: reading.value });
    } catch (error) {
      setProblem(showErrors(error, ["title", "price"], setError));
    }
  });
  return (
    <form className="form" noValidate onSubmit={(event) => void submit(event)}>
      {problem && <Notice kind="danger">{problem}</Notice>}
      <Field
        label="Title"
        hint="What it is for, where and when: this is what buyers search"
        maxLength={LONGEST_TITLE}
        autoComplete="off"
        error={errors.title?.message}
        {...register("title", { validate: (title) => title.trim() !== "" || "Title is required" })}
      />
      <Field
        className="field--short"
        label="Price"
        prefix={symbol}
        inputMode="decimal"
        autoComplete="off"
        hint={typed.ok ? `Buyers pay ${money(Number(typed.value))}` : "For example 12.50"}
        error={errors.price?.message}
        {...register("price", {
          validate: (text) => {
            const reading = parsePrice(text);
            return reading.ok || reading.why;
          },
        })}
      />
      <Button kind="primary" type="submit" busy={formState.isSubmitting}>
        {action}
      </Button>
    </form>
  );
}
