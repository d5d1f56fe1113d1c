import { useState } from "react";
import { useForm } from "react-hook-form";
import { useEnter } from "../api/account";
import type { Credentials } from "../api/types";
import { showErrors } from "../lib/fields";
import { Button } from "./Button";
import { Field } from "./Field";
import { Notice } from "./Notice";

interface Props {
  route: "signin" | "signup";
  /** Filled in already. */
  email?: string | undefined;
  onDone: () => void;
}

const SHORTEST_PASSWORD = 8;
const LONGEST_PASSWORD = 128;

/** Email and password, to sign in or up with. */
export default function CredentialsForm({ route, email, onDone }: Props) {
  const isNew = route === "signup";
  const enter = useEnter(route);
  const [problem, setProblem] = useState<string | null>(null);
  const [visible, setVisible] = useState(false);
  const { register, handleSubmit, setError, formState } = useForm<Credentials>({
    defaultValues: { email: email ?? "", password: "" },
  });
  const { errors } = formState;
  const submit = handleSubmit(async (credentials) => {
    setProblem(null);
    try {
      await enter.mutateAsync({ ...credentials, email: credentials.email.trim() });
      onDone();
    } catch (error) {
      setProblem(showErrors(error, ["email", "password"], setError));
    }
  });
  const length = (password: string): true | string =>
    !isNew ||
    (password.length >= SHORTEST_PASSWORD && password.length <= LONGEST_PASSWORD) ||
    `Password must be between ${SHORTEST_PASSWORD} and ${LONGEST_PASSWORD} characters`;
  return (
    <form className="form" noValidate onSubmit={(event) => void submit(event)}>
      {problem && <Notice kind="danger">{problem}</Notice>}
      <Field
        label="Email"
        type="email"
        autoComplete="email"
        inputMode="email"
        error={errors.email?.message}
        {...register("email", {
          required: "Email is required",
          pattern: { value: /^\s*[^\s@]+@[^\s@]+\s*$/, message: "Email must be valid" },
        })}
      />
      <div className="field-with-toggle">
        <Field
          label="Password"
          type={visible ? "text" : "password"}
          autoComplete={isNew ? "new-password" : "current-password"}
          error={errors.password?.message}
          hint={isNew ? `At least ${SHORTEST_PASSWORD} characters` : undefined}
          {...register("password", { required: "Password is required", validate: length })}
        />
        <button type="button" className="field-toggle" aria-pressed={visible} onClick={() => setVisible(!visible)}>
          Show<span className="visually-hidden"> password</span>
        </button>
      </div>
      <Button kind="primary" type="submit" busy={formState.isSubmitting}>
        {isNew ? "Create account" : "Sign in"}
      </Button>
    </form>
  );
}
