/** What the API answers, as components/client/openapi.json describes it. */

export interface User {
  id: string;
  email: string;
}

/** How the shop is set up. */
export interface ShopConfig {
  /** Stripe's key for browsers; null when there is none. */
  publishableKey: string | null;
  /** ISO 4217, in small letters. */
  currency: string;
  /** Whose card fields the checkout shows: Stripe's own, or those for test cards. */
  cardForm: "stripe" | "test";
}

export interface Ticket {
  id: string;
  title: string;
  /** Major units. */
  price: number;
  /** The seller. */
  userId: string;
  /** The order that holds it: reserved or sold. */
  orderId?: string;
  version: number;
}

/** How a seller's own ticket stands. */
export type TicketState = "on-sale" | "reserved" | "sold";

export interface OwnTicket extends Ticket {
  state: TicketState;
}

export type OrderStatus = "created" | "awaiting:payment" | "complete" | "cancelled";

export interface Order {
  id: string;
  userId: string;
  status: OrderStatus;
  /** When the reservation ends, by the shop's clock (RFC 3339). */
  expiresAt: string;
  version: number;
  /** As it was when it was reserved. */
  ticket: { id: string; title: string; price: number };
}

/** A payment that was captured, or one that the card's holder has to confirm first (3-D Secure). */
export type PaymentReply =
  | { id: string; status?: never }
  | { id: string; status: "requires_action"; clientSecret?: string; redirectUrl?: string };

export interface TicketDraft {
  title: string;
  /** A decimal number in major units, as `parsePrice` gives it. */
  price: string;
}

export interface Credentials {
  email: string;
  password: string;
}
