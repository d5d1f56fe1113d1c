import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef, useSyncExternalStore } from "react";
import { useMe } from "../api/account";
import { meQuery } from "../api/queries";
import { signInAgain } from "../api/sign-in-again";
import { Button } from "./Button";
import { Loading } from "./Loading";

const CredentialsForm = lazy(() => import("./CredentialsForm"));

/** Asks for the password again when the session is over, above the page that goes on afterwards. */
export function SessionDialog() {
  const needed = useSyncExternalStore(signInAgain.subscribe, signInAgain.isNeeded);
  const dialog = useRef<HTMLDialogElement>(null);
  const client = useQueryClient();
  const me = useMe();
  useEffect(() => {
    if (needed) dialog.current?.showModal();
    else dialog.current?.close();
  }, [needed]);
  // Closing it in any other way than by signing in means no.
  const closed = (): void => {
    if (!signInAgain.isNeeded()) return;
    client.setQueryData(meQuery.queryKey, null);
    signInAgain.answer(false);
  };
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="session-over" onClose={closed}>
      <h2 id="session-over">Please sign in again</h2>
      <p className="dialog__text">You were signed out after a long time. What you were doing goes on as soon as you are back.</p>
      {needed && (
        <Suspense fallback={<Loading />}>
          <CredentialsForm route="signin" email={me.data?.email} onDone={() => signInAgain.answer(true)} />
        </Suspense>
      )}
      <Button kind="quiet" className="dialog__dismiss" onClick={() => dialog.current?.close()}>
        Not now
      </Button>
    </dialog>
  );
}
