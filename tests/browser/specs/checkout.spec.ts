import { announcer, CARDS, expect, PASSWORD, test, typeCard, word } from "../src/shop";

const EXPIRATION_SECONDS = Number(process.env["ORDER_EXPIRATION_SECONDS"] ?? "45");

test("a ticket is reserved and paid, and everybody sees it", async ({ people }) => {
  const [seller, buyer, title] = [await people.person(), await people.person(), word()];
  const ticket = await seller.sells(title, 99.9);
  const { page } = buyer;
  await page.goto(`/tickets/${ticket.id}`);
  await page.getByRole("button", { name: "Reserve" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Checkout" })).toBeVisible();
  await expect(page.getByRole("timer")).toContainText(/0:\d\d/);
  await typeCard(page, CARDS.paid);
  await page.getByRole("button", { name: "Pay $99.90" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "It is yours" })).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  await page.getByRole("link", { name: "My orders" }).last().click();
  await expect(page.getByRole("listitem").filter({ hasText: title })).toContainText("Paid");
});

test("a declined card is told in words, and another one pays", async ({ people }) => {
  const [seller, { page }] = [await people.person(), await people.person()];
  const ticket = await seller.sells(word());
  await page.goto(`/tickets/${ticket.id}`);
  await page.getByRole("button", { name: "Reserve" }).click();
  await typeCard(page, CARDS.poor);
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expect(page.getByRole("alert")).toContainText("Your card has insufficient funds.");
  await expect(page.getByLabel("Card number")).toHaveValue(CARDS.poor);
  await typeCard(page, CARDS.paid);
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "It is yours" })).toBeVisible();
});

test("a double click pays once", async ({ people }) => {
  const [seller, buyer] = [await people.person(), await people.person()];
  const order = await buyer.reserves(await seller.sells(word()));
  const { page } = buyer;
  let payments = 0;
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/api/payments")) payments += 1;
  });
  await page.goto(`/orders/${order.id}`);
  await typeCard(page, CARDS.paid);
  await page.getByRole("button", { name: /^Pay/ }).dblclick();
  await expect(page.getByRole("heading", { level: 1, name: "It is yours" })).toBeVisible();
  expect(payments).toBe(1);
});

test("a card that its bank wants confirmed is confirmed in the bank's tab", async ({ people }) => {
  const [seller, buyer] = [await people.person(), await people.person()];
  const order = await buyer.reserves(await seller.sells(word()));
  const { page } = buyer;
  await page.goto(`/orders/${order.id}`);
  await typeCard(page, CARDS.confirmed);
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expect(page.getByRole("heading", { name: "Your bank wants you to confirm" })).toBeFocused();
  const bank = page.waitForEvent("popup");
  await page.getByRole("link", { name: /^Go to your bank/ }).click();
  await (await bank).getByRole("link", { name: "Complete authentication" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "It is yours" })).toBeVisible();
});

test("a confirmation that fails is told, and another card pays", async ({ people }) => {
  const [seller, buyer] = [await people.person(), await people.person()];
  const order = await buyer.reserves(await seller.sells(word()));
  const { page } = buyer;
  await page.goto(`/orders/${order.id}`);
  await typeCard(page, CARDS.confirmed);
  await page.getByRole("button", { name: /^Pay/ }).click();
  const opened = page.waitForEvent("popup");
  await page.getByRole("link", { name: /^Go to your bank/ }).click();
  const bank = await opened;
  await bank.getByRole("link", { name: "Fail authentication" }).click();
  await expect(bank.getByText("Authentication failed")).toBeVisible();
  await bank.close();
  await expect(page.getByRole("alert")).toContainText("Your bank did not approve the payment.");
  await typeCard(page, CARDS.paid);
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "It is yours" })).toBeVisible();
});

test("a number that is no test card is refused before it is sent", async ({ people }) => {
  const [seller, buyer] = [await people.person(), await people.person()];
  const order = await buyer.reserves(await seller.sells(word()));
  await buyer.page.goto(`/orders/${order.id}`);
  await typeCard(buyer.page, "4111 1111 1111 1111");
  await buyer.page.getByRole("button", { name: /^Pay/ }).click();
  await expect(buyer.page.getByLabel("Card number")).toHaveAccessibleDescription(/Only test cards/);
  await typeCard(buyer.page, "4242 4242 4242 4241");
  await expect(buyer.page.getByLabel("Card number")).toHaveAccessibleDescription(/mistyped/);
});

test("the time runs out while a card is typed, and that is told at once", async ({ people }) => {
  test.setTimeout((EXPIRATION_SECONDS + 45) * 1000);
  const [seller, buyer, title] = [await people.person(), await people.person(), word()];
  const ticket = await seller.sells(title);
  const order = await buyer.reserves(ticket);
  const { page } = buyer;
  await page.goto(`/orders/${order.id}`);
  await page.getByLabel("Card number").fill("4242");
  await expect(announcer(page)).toHaveText("10 seconds left to pay.", { timeout: EXPIRATION_SECONDS * 1000 });
  await page.getByRole("heading", { level: 1, name: "The time is up" }).waitFor({ timeout: 15_000 });
  expect(Math.abs(Date.now() - Date.parse(order.expiresAt))).toBeLessThan(3000);
  await expect(page.getByLabel("Card number")).toBeHidden();
  await expect(announcer(page)).toContainText("The time is up");
  // The ticket is to be had again.
  await page.getByRole("link", { name: "See the ticket" }).click();
  await page.getByRole("button", { name: "Reserve" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Checkout" })).toBeVisible();
});

test("the countdown is right although the clock of the machine is wrong, and after a reload", async ({ people }) => {
  const [seller, buyer] = [await people.person(), await people.person()];
  const order = await buyer.reserves(await seller.sells(word()));
  const { page } = buyer;
  await page.clock.install({ time: Date.now() - 3 * 3_600_000 });
  await page.clock.resume();
  for (let reload = 0; reload < 2; reload += 1) {
    await page.goto(`/orders/${order.id}`);
    // Answers that were long on their way tell the time less well, and the next ones better.
    await expect(async () => {
      const before = Date.now();
      const [, minutes, seconds] = /^(\d+):(\d\d)/.exec((await page.getByRole("timer").textContent()) ?? "") ?? [];
      const after = Date.now();
      // By the shop's clock, which is this machine's before the browser was given another.
      const end = Date.parse(order.expiresAt);
      const shown = Number(minutes) * 60 + Number(seconds);
      expect(shown).toBeGreaterThan((end - after) / 1000 - 1.6);
      expect(shown).toBeLessThan((end - before) / 1000 + 1.6);
    }).toPass({ timeout: 8000 });
  }
});

test("a session that ends in the middle of a checkout is begun anew in it", async ({ people }) => {
  const [seller, buyer] = [await people.person(), await people.person()];
  const order = await buyer.reserves(await seller.sells(word()));
  const { page, context } = buyer;
  await page.goto(`/orders/${order.id}`);
  await typeCard(page, CARDS.paid);
  await context.clearCookies();
  const dialog = page.getByRole("dialog", { name: "Please sign in again" });
  await dialog.getByLabel("Password").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByLabel("Card number")).toHaveValue(CARDS.paid);
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "It is yours" })).toBeVisible();
});

test("an order is cancelled, and the ticket is to be had again", async ({ people }) => {
  const [seller, buyer] = [await people.person(), await people.person()];
  const order = await buyer.reserves(await seller.sells(word()));
  const { page } = buyer;
  await page.goto(`/orders/${order.id}`);
  await page.getByRole("button", { name: /^Cancel the reservation/ }).click();
  await page.getByRole("button", { name: "Cancel it" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "This order is cancelled" })).toBeVisible();
  await page.getByRole("link", { name: "See the ticket" }).click();
  await expect(page.getByRole("button", { name: "Reserve" })).toBeVisible();
});

test("two people race for one ticket: one gets it, the other is told why not", async ({ people }) => {
  const [seller, one, two] = [await people.person(), await people.person(), await people.person()];
  const ticket = await seller.sells(word());
  const pages = [one.page, two.page];
  // Both have clicked before either is heard: a page that hears of the other's reservation takes its button away.
  let clicks = 0;
  let release = () => {};
  const both = new Promise<void>((resolve) => (release = resolve));
  for (const page of pages) {
    await page.route("**/api/orders", async (route) => {
      if (route.request().method() === "POST") {
        clicks += 1;
        if (clicks >= pages.length) release();
        await both;
      }
      await route.continue();
    });
    await page.goto(`/tickets/${ticket.id}`);
  }
  await Promise.all(pages.map((page) => page.getByRole("button", { name: "Reserve" }).click()));
  const outcomes = await Promise.all(
    pages.map(async (page) => {
      const won = page.getByRole("heading", { level: 1, name: "Checkout" });
      const lost = page.getByText("Somebody else has reserved this ticket");
      await expect(won.or(lost)).toBeVisible();
      return won.isVisible();
    }),
  );
  expect(outcomes.toSorted()).toEqual([false, true]);
});

test("back and forward lead through a purchase without repeating it", async ({ people }) => {
  const [seller, { page }] = [await people.person(), await people.person()];
  const title = word();
  await seller.sells(title);
  await page.goto(`/?q=${title}`);
  await page.getByRole("link", { name: title }).click();
  await page.getByRole("button", { name: "Reserve" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Checkout" })).toBeVisible();
  await page.goBack();
  await expect(page.getByText("This ticket is reserved for you.")).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("searchbox")).toHaveValue(title);
  await page.goForward();
  await page.goForward();
  await expect(page.getByRole("heading", { level: 1, name: "Checkout" })).toBeVisible();
  await typeCard(page, CARDS.paid);
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "It is yours" })).toBeVisible();
  await page.goBack();
  await expect(page.getByText("You have bought this ticket.")).toBeVisible();
});

test("somebody else's order and one that does not exist are told apart from a fault", async ({ people }) => {
  const [seller, buyer, other] = [await people.person(), await people.person(), await people.person()];
  const order = await buyer.reserves(await seller.sells(word()));
  await other.page.goto(`/orders/${order.id}`);
  await expect(other.page.getByRole("heading", { level: 1, name: "Not your order" })).toBeVisible();
  await other.page.goto("/orders/00000000-0000-4000-8000-000000000000");
  await expect(other.page.getByRole("heading", { level: 1, name: "No such order" })).toBeVisible();
});

test("a ticket is bought with the keyboard alone", async ({ people }) => {
  const [seller, { page }] = [await people.person(), await people.person()];
  const title = word();
  await seller.sells(title);
  /** Presses Tab until what has the focus has this name. */
  const tabTo = async (name: RegExp | string): Promise<void> => {
    const focused = page.locator(":focus");
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press("Tab");
      const label = await focused.evaluate((element) => (element as HTMLInputElement).labels?.[0]?.textContent ?? element.textContent ?? "");
      if (typeof name === "string" ? label.trim() === name : name.test(label.trim())) return;
    }
    throw new Error(`Tab never reached ${name}`);
  };
  await page.goto("/");
  await expect(page.getByRole("searchbox")).toBeVisible();
  await tabTo("Skip to the content");
  await page.keyboard.press("Enter");
  await tabTo("Search titles");
  await page.keyboard.type(title);
  await expect(page.getByRole("listitem")).toHaveCount(1);
  await tabTo(title);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeFocused();
  await tabTo("Reserve");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Checkout" })).toBeFocused();
  await tabTo("Card number");
  await page.keyboard.type("4242424242424242");
  await expect(page.getByLabel("Card number")).toHaveValue(CARDS.paid);
  await tabTo("Expires");
  await page.keyboard.type("1240");
  await tabTo("CVC");
  await page.keyboard.type("123");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "It is yours" })).toBeFocused();
});
