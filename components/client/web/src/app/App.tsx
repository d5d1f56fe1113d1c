import { lazy } from "react";
import { Route, Routes } from "react-router";
import OnSale from "../pages/on-sale/OnSale";
import { Layout } from "./Layout";

// The front page comes with the app; every other page when it is visited.
const TicketPage = lazy(() => import("../pages/ticket/TicketPage"));
const EditTicket = lazy(() => import("../pages/selling/EditTicket"));
const Sell = lazy(() => import("../pages/selling/Sell"));
const OwnTickets = lazy(() => import("../pages/selling/OwnTickets"));
const Orders = lazy(() => import("../pages/orders/Orders"));
const OrderPage = lazy(() => import("../pages/order/OrderPage"));
const SignIn = lazy(() => import("../pages/account/SignIn"));
const SignUp = lazy(() => import("../pages/account/SignUp"));
const NotFound = lazy(() => import("../pages/NotFound"));

/** Every address of the shop. */
export function App() {
  return (
    <Routes>
      <Route element={<Layout />}>
        <Route index element={<OnSale />} />
        <Route path="tickets/:id" element={<TicketPage />} />
        <Route path="tickets/:id/edit" element={<EditTicket />} />
        <Route path="sell" element={<Sell />} />
        <Route path="selling" element={<OwnTickets />} />
        <Route path="orders" element={<Orders />} />
        <Route path="orders/:id" element={<OrderPage />} />
        <Route path="signin" element={<SignIn />} />
        <Route path="signup" element={<SignUp />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
