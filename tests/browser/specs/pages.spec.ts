import { fitsTheWindow, isAccessible } from "../src/accessible";
import { CARDS, expect, type Person, test, typeCard, word } from "../src/shop";
import type { Page } from "@playwright/test";

/** Where the pictures of the pages go, to be looked at. */
const PICTURES = "../../target/browser/pictures";

const WINDOWS = [
  { width: 320, height: 640 },
  { width: 1440, height: 900 },
];

/** Looks at a page as it is: small and wide, light and dark. */
async function look(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const window of WINDOWS) {
      await page.setViewportSize(window);
      await fitsTheWindow(page);
      await page.screenshot({ path: `${PICTURES}/${name}-${window.width}-${colorScheme}.png` });
    }
    await isAccessible(page);
  }
}

// Many pictures and audits, on a machine that may be busy.
test.describe.configure({ timeout: 240_000 });

const TITLES = [
  "Rock am Ring, three days with camping",
  "Mahler’s Fifth, Philharmonic, row 3",
  "Cup final, block 112",
  "Hamilton, Saturday matinee",
  "Solo piano at the Funkhaus",
  "Centre Court, day four",
  "The Magic Flute, standing room",
  "Comedy night with a title that goes on for a while, because people write what they like",
];

async function sells(seller: Person, name: string): Promise<void> {
  for (const [n, title] of TITLES.entries()) await seller.sells(`${title} ${name}`, 24.5 + n * 17.25);
}

test("the list, and one without a result", async ({ people }) => {
  const [seller, visitor, name] = [await people.person(), await people.visitor(), word()];
  await sells(seller, name);
  await visitor.goto(`/?q=${name}`);
  await expect(visitor.getByRole("listitem")).toHaveCount(TITLES.length);
  await look(visitor, "on-sale");
  await visitor.goto(`/?q=${name}+none`);
  await expect(visitor.getByRole("heading", { name: /^No ticket with/ })).toBeVisible();
  await look(visitor, "nothing-found");
});

test("a ticket, to its buyer and to its seller, free and reserved", async ({ people }) => {
  const [seller, buyer, visitor] = [await people.person(), await people.person(), await people.visitor()];
  const ticket = await seller.sells("Mahler’s Fifth, Philharmonic, row 3", 85);
  await buyer.page.goto(`/tickets/${ticket.id}`);
  await expect(buyer.page.getByRole("button", { name: "Reserve" })).toBeVisible();
  await look(buyer.page, "ticket");
  await seller.page.goto(`/tickets/${ticket.id}`);
  await expect(seller.page.getByRole("button", { name: "Delete" })).toBeVisible();
  await look(seller.page, "ticket-own");
  await seller.page.getByRole("button", { name: "Delete" }).click();
  await expect(seller.page.getByRole("dialog")).toBeVisible();
  await look(seller.page, "ticket-delete");
  await buyer.reserves(ticket);
  await visitor.goto(`/tickets/${ticket.id}`);
  await expect(visitor.getByText("Somebody else has reserved this ticket")).toBeVisible();
  await look(visitor, "ticket-reserved");
});

test("a checkout, declined, to be confirmed, paid", async ({ people }) => {
  const [seller, buyer] = [await people.person(), await people.person()];
  const { page } = buyer;
  const checkout = async (): Promise<void> => {
    const order = await buyer.reserves(await seller.sells("Rock am Ring, three days with camping", 249.9));
    await page.goto(`/orders/${order.id}`);
    await expect(page.getByRole("heading", { level: 1, name: "Checkout" })).toBeVisible();
  };
  await checkout();
  await look(page, "checkout");
  await checkout();
  await typeCard(page, CARDS.declined);
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expect(page.getByRole("alert")).toContainText("Your card was declined.");
  await look(page, "checkout-declined");
  await checkout();
  await typeCard(page, CARDS.confirmed);
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expect(page.getByRole("heading", { name: "Your bank wants you to confirm" })).toBeVisible();
  await look(page, "checkout-confirm");
  await checkout();
  await typeCard(page, CARDS.paid);
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "It is yours" })).toBeVisible();
  await look(page, "paid");
});

test("orders in every state, and none", async ({ people }) => {
  const [seller, buyer] = [await people.person(), await people.person()];
  const { page } = buyer;
  await page.goto("/orders");
  await expect(page.getByRole("heading", { name: "No orders yet" })).toBeVisible();
  await look(page, "orders-none");
  await buyer.pays(await buyer.reserves(await seller.sells("Mahler’s Fifth, Philharmonic, row 3", 85)));
  const cancelled = await buyer.reserves(await seller.sells("Cup final, block 112", 210));
  await buyer.cancels(cancelled);
  await buyer.reserves(await seller.sells("Rock am Ring, three days with camping", 249.9));
  await page.reload();
  for (const state of ["Paid", "Cancelled", "To pay"]) await expect(page.getByText(state, { exact: true })).toBeVisible();
  await look(page, "orders");
  await page.goto(`/orders/${cancelled.id}`);
  await expect(page.getByRole("heading", { level: 1, name: "This order is cancelled" })).toBeVisible();
  await look(page, "cancelled");
});

test("one's own tickets, and the form to sell one", async ({ people }) => {
  const [seller, buyer] = [await people.person(), await people.person()];
  const { page } = seller;
  await seller.sells("Hamilton, Saturday matinee", 120.5);
  await buyer.reserves(await seller.sells("Solo piano at the Funkhaus", 48));
  await buyer.pays(await buyer.reserves(await seller.sells("Centre Court, day four", 310)));
  await page.goto("/selling");
  for (const state of ["On sale", "Reserved", "Sold"]) await expect(page.getByRole("main").getByText(state, { exact: true })).toBeVisible();
  await look(page, "selling");
  await page.goto("/sell");
  await page.getByLabel("Title").fill("Two seats, row 12");
  await page.getByLabel("Price").fill("12,50");
  await look(page, "sell");
  await page.getByLabel("Price").fill("free");
  await page.getByRole("button", { name: "Put on sale" }).click();
  await expect(page.getByLabel("Price")).toHaveAccessibleDescription("A price is a number, such as 12.50");
  await look(page, "sell-wrong");
});

test("signing in and up, and an address that leads nowhere", async ({ people }) => {
  const visitor = await people.visitor();
  await visitor.goto("/signin");
  await look(visitor, "signin");
  await visitor.goto("/signup");
  await visitor.getByRole("button", { name: "Create account" }).click();
  await expect(visitor.getByText("Email is required")).toBeVisible();
  await look(visitor, "signup");
  await visitor.goto("/nowhere");
  await expect(visitor.getByRole("heading", { level: 1, name: "No such page" })).toBeVisible();
  await look(visitor, "not-found");
});
