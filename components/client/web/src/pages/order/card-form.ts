/** What every form for a card gets. */
export interface CardFormProps {
  /** What the button says. */
  action: string;
  /** The payment is under way. */
  busy: boolean;
  /** Gets the token that stands for the card; the card itself stays with Stripe. */
  onToken: (token: string) => Promise<void>;
}
