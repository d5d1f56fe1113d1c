import type { ReactNode } from "react";
import { Money } from "./Money";
import { TicketArt } from "./TicketArt";

/** A ticket as a paper stub, on its own page and beside a checkout. */
export function TicketStub({ id, title, price, children }: { id: string; title: string; price: number; children?: ReactNode }) {
  return (
    <article className="stub">
      <TicketArt id={id} />
      <div className="stub__body">
        <p className="stub__title">{title}</p>
        <p className="stub__price">
          <Money amount={price} />
        </p>
        {children}
      </div>
    </article>
  );
}
