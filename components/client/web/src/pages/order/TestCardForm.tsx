import { useForm } from "react-hook-form";
import { serverClock } from "../../api/server-clock";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import type { CardFormProps } from "./card-form";
import { EXPLAINED, digitsOf, groupDigits, isCardNumber, isInFuture, tokenOf } from "./test-cards";

interface Card {
  number: string;
  expiry: string;
  cvc: string;
}

const EMPTY: Card = { number: "", expiry: "", cvc: "" };

/** A form for test cards, for a shop that is not connected to Stripe. A card's number never leaves the page. */
export function TestCardForm({ action, busy, onToken }: CardFormProps) {
  const { register, handleSubmit, setValue, setFocus, formState } = useForm<Card>({ defaultValues: EMPTY });
  const { errors } = formState;
  const submit = handleSubmit(async ({ number }) => {
    const token = tokenOf(number);
    if (token !== null) await onToken(token);
  });
  const fill = (number: string): void => {
    const valid = { shouldValidate: formState.isSubmitted };
    const year = (new Date(serverClock.now()).getFullYear() + 3) % 100;
    setValue("number", number, valid);
    setValue("expiry", `12/${year}`, valid);
    setValue("cvc", "123", valid);
    setFocus("number");
  };
  return (
    <form className="form" noValidate onSubmit={(event) => void submit(event)}>
      <fieldset className="test-cards">
        <legend>This shop takes test cards only: no real card, no real money</legend>
        <ul>
          {EXPLAINED.map(({ number, what }) => (
            <li key={number}>
              <button type="button" className="test-card" onClick={() => fill(number)}>
                <span className="test-card__number">{number}</span> <span>{what}</span>
              </button>
            </li>
          ))}
        </ul>
      </fieldset>
      <Field
        label="Card number"
        inputMode="numeric"
        autoComplete="off"
        spellCheck={false}
        placeholder="1234 1234 1234 1234"
        error={errors.number?.message}
        {...register("number", {
          onChange: (event: { target: HTMLInputElement }) => keepGrouped(event.target),
          validate: (number) => {
            if (!isCardNumber(number)) return "The card number is not complete, or mistyped";
            return tokenOf(number) !== null || "Only test cards work here. Choose one from the list";
          },
        })}
      />
      <div className="fields-beside">
        <Field
          label="Expires"
          inputMode="numeric"
          autoComplete="off"
          placeholder="MM/YY"
          error={errors.expiry?.message}
          {...register("expiry", {
            onChange: (event: { target: HTMLInputElement }) => {
              const digits = digitsOf(event.target.value).slice(0, 4);
              const grows = event.target.value.length > 2 || digits.length > 2;
              event.target.value = digits.length >= 2 && grows ? `${digits.slice(0, 2)}/${digits.slice(2)}` : digits;
            },
            validate: (expiry) => isInFuture(expiry, new Date(serverClock.now())) || "Month and year, in the future",
          })}
        />
        <Field
          label="CVC"
          inputMode="numeric"
          autoComplete="off"
          placeholder="123"
          maxLength={4}
          error={errors.cvc?.message}
          {...register("cvc", { pattern: { value: /^\d{3,4}$/, message: "3 or 4 digits" }, required: "3 or 4 digits" })}
        />
      </div>
      <Button kind="primary" type="submit" className="button--wide" busy={busy || formState.isSubmitting}>
        {action}
      </Button>
    </form>
  );
}

/** Groups the digits while they are typed; the caret stays behind the same digit. */
function keepGrouped(input: HTMLInputElement): void {
  const before = digitsOf(input.value.slice(0, input.selectionStart ?? undefined)).length;
  input.value = groupDigits(input.value);
  let place = 0;
  for (let digits = 0; place < input.value.length && digits < before; place += 1) {
    if (/\d/.test(input.value[place] ?? "")) digits += 1;
  }
  input.setSelectionRange(place, place);
}
