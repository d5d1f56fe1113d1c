import type { Page } from "@playwright/test";
import { expect, type Person, type People, test, word } from "../src/shop";

/** Where the double of Stripe is told what a card's holder does. */
const CONTROL = process.env["STRIPE_CONTROL"];

/** Stands in for Stripe.js: one field that takes the id of a payment method, and a bank that asks this test. */
const STRIPE_JS = `
  window.Stripe = () => {
    const card = {
      on(event, listener) { this[event] = listener; },
      mount(frame) {
        const input = document.createElement("input");
        input.setAttribute("aria-label", "Card");
        frame.append(input);
        this.value = () => input.value;
        this.ready();
      },
      destroy() {},
    };
    return {
      elements: () => ({ create: () => card }),
      createPaymentMethod: async () =>
        card.value() ? { paymentMethod: { id: card.value() } } : { error: { message: "Your card number is incomplete." } },
      handleNextAction: async ({ clientSecret }) =>
        (await window.askBank(clientSecret)) ? {} : { error: { message: "We are unable to authenticate your payment method." } },
    };
  };`;

/** A buyer in a shop that says that Stripe takes its cards, at the checkout. */
async function atCheckout(people: People, bank: "accept" | "fail" = "accept"): Promise<{ buyer: Person; page: Page }> {
  const seller = await people.person();
  // The policy of this shop does not allow Stripe's script, since its payments go to the double.
  const buyer = await people.person({ bypassCSP: true });
  const { page } = buyer;
  await page.route("https://js.stripe.com/**", (route) => route.fulfill({ contentType: "text/javascript", body: STRIPE_JS }));
  await page.route("**/api/config", (route) =>
    route.fulfill({ json: { publishableKey: "pk_test_browser", currency: "usd", cardForm: "stripe" } }),
  );
  await page.exposeFunction("askBank", async (secret: string) => {
    const [payment_intent] = secret.split("_secret_");
    const reply = await page.request.post(`${CONTROL}/dashboard/authentications`, { data: { payment_intent, authentication: bank } });
    expect(reply.ok()).toBe(true);
    return bank === "accept";
  });
  const order = await buyer.reserves(await seller.sells(word()));
  await page.goto(`/orders/${order.id}`);
  return { buyer, page };
}

test("a card typed into Stripe's field pays", async ({ people }) => {
  const { page } = await atCheckout(people);
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expect(page.getByRole("alert")).toHaveText("Your card number is incomplete.");
  await page.getByLabel("Card", { exact: true }).fill("pm_card_visa");
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "It is yours" })).toBeVisible();
});

test("a confirmation in Stripe's dialog pays", async ({ people }) => {
  const { page } = await atCheckout(people, "accept");
  await page.getByLabel("Card", { exact: true }).fill("pm_card_threeDSecure2Required");
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "It is yours" })).toBeVisible();
});

test("a confirmation that fails is told, and another card pays", async ({ people }) => {
  const { page } = await atCheckout(people, "fail");
  await page.getByLabel("Card", { exact: true }).fill("pm_card_threeDSecure2Required");
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expect(page.getByRole("alert")).toContainText("unable to authenticate");
  await page.getByLabel("Card", { exact: true }).fill("pm_card_visa");
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "It is yours" })).toBeVisible();
});

test("a script of Stripe's that does not come is told, and asked for again on request", async ({ people }) => {
  const { page } = await atCheckout(people);
  await page.route("https://js.stripe.com/**", (route) => route.abort());
  await page.reload();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.unroute("https://js.stripe.com/**");
  await page.route("https://js.stripe.com/**", (route) => route.fulfill({ contentType: "text/javascript", body: STRIPE_JS }));
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByLabel("Card", { exact: true })).toBeVisible();
});
