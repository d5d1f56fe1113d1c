import type { Order } from "../api/types";

/** Whether nothing can happen to it any more; a payment on the way apart. */
export function isClosed(order: Order): boolean {
  return order.status === "complete" || order.status === "cancelled";
}

/** What a person calls the state of an order. */
export type OrderState = "to pay" | "time is up" | "paid" | "cancelled";

/** The state of `order` with so many seconds left. The server's word on expiry comes up to two seconds late. */
export function orderState(order: Order, secondsLeft: number): OrderState {
  if (order.status === "complete") return "paid";
  if (order.status === "cancelled") return "cancelled";
  return secondsLeft > 0 ? "to pay" : "time is up";
}
