import { expect, test, word } from "../src/shop";

/** Milliseconds within which somebody else sees what has changed. */
const SEEN_WITHIN = 3000;

test("what is on sale is shown with title and price", async ({ people }) => {
  const [seller, visitor, title] = [await people.person(), await people.visitor(), word()];
  await seller.sells(title, 1234.5);
  await visitor.goto("/");
  const card = visitor.getByRole("listitem").filter({ hasText: title });
  await expect(card).toContainText("$1,234.50");
  await expect(visitor).toHaveTitle("On sale now · Ticketing");
});

test("a search finds while one types, and stands in the address", async ({ people }) => {
  const [seller, visitor, name] = [await people.person(), await people.visitor(), word()];
  await seller.sells(`${name} one`);
  await seller.sells(`${name} two`);
  await visitor.goto("/");
  await visitor.getByRole("searchbox").pressSequentially(name, { delay: 15 });
  await expect(visitor.getByRole("listitem")).toHaveCount(2);
  await visitor.getByRole("searchbox").pressSequentially(" two", { delay: 15 });
  await expect(visitor.getByRole("listitem")).toHaveCount(1);
  await expect(visitor.getByRole("searchbox")).toHaveValue(`${name} two`);
  await expect(visitor).toHaveURL(`/?q=${name}+two`);
  await visitor.reload();
  await expect(visitor.getByRole("listitem")).toHaveCount(1);
  await expect(visitor.getByRole("searchbox")).toHaveValue(`${name} two`);
});

test("a search without a result says so and leads on", async ({ people }) => {
  const visitor = await people.visitor();
  await visitor.goto(`/?q=${word()}`);
  await expect(visitor.getByRole("heading", { name: /^No ticket with/ })).toBeVisible();
  await visitor.getByRole("button", { name: "See all tickets" }).click();
  await expect(visitor).toHaveURL("/");
  await expect(visitor.getByRole("searchbox")).toHaveValue("");
});

test("what is reserved vanishes from somebody else's list, and comes back when it is given back", async ({ people }) => {
  const [seller, buyer, visitor, title] = [await people.person(), await people.person(), await people.visitor(), word()];
  const ticket = await seller.sells(title);
  await visitor.goto(`/?q=${title}`);
  const card = visitor.getByRole("listitem").filter({ hasText: title });
  await expect(card).toBeVisible();
  const order = await buyer.reserves(ticket);
  await expect(card).toBeHidden({ timeout: SEEN_WITHIN });
  await buyer.cancels(order);
  await expect(card).toBeVisible({ timeout: SEEN_WITHIN });
});

test("a new ticket appears by itself", async ({ people }) => {
  const [seller, visitor, title] = [await people.person(), await people.visitor(), word()];
  await visitor.goto(`/?q=${title}`);
  await expect(visitor.getByRole("heading", { name: /^No ticket with/ })).toBeVisible();
  await seller.sells(title);
  await expect(visitor.getByRole("listitem").filter({ hasText: title })).toBeVisible({ timeout: SEEN_WITHIN });
});

test("the list goes on as one scrolls, and is still there when one comes back", async ({ people }) => {
  const [seller, visitor, name] = [await people.person(), await people.visitor(), word()];
  for (let n = 0; n < 30; n += 1) await seller.sells(`${name} ${n}`);
  await visitor.goto(`/?q=${name}`);
  await expect(visitor.getByRole("listitem")).toHaveCount(24);
  await visitor.mouse.wheel(0, 20_000);
  await expect(visitor.getByRole("listitem")).toHaveCount(30);
  await visitor.getByRole("link", { name: `${name} 2`, exact: true }).click();
  await expect(visitor.getByRole("heading", { level: 1, name: `${name} 2` })).toBeVisible();
  await visitor.goBack();
  await expect(visitor.getByRole("listitem")).toHaveCount(30);
  await expect.poll(() => visitor.evaluate(() => scrollY)).toBeGreaterThan(200);
});

test("who goes through the list by keyboard is not thrown out when a ticket goes", async ({ people }) => {
  const [seller, buyer, visitor, name] = [await people.person(), await people.person(), await people.visitor(), word()];
  await seller.sells(`${name} last`);
  const middle = await seller.sells(`${name} middle`);
  await seller.sells(`${name} first`);
  await visitor.goto(`/?q=${name}`);
  await visitor.getByRole("link", { name: `${name} middle` }).focus();
  await buyer.reserves(middle);
  await expect(visitor.getByRole("link", { name: `${name} last` })).toBeFocused();
  await expect(visitor.getByTestId("announcer")).toContainText("reserved by somebody else");
});

test("the first list is asked for beside the script, not after it", async ({ people }) => {
  const visitor = await people.visitor();
  await visitor.goto("/");
  await expect(visitor.getByRole("heading", { level: 1 })).toBeVisible();
  const [list, script] = await visitor.evaluate(() => {
    const all = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    const first = (part: string) => all.find(({ name }) => name.includes(part));
    return [first("/api/tickets"), first("/assets/index-")].map((entry) => ({ start: entry?.startTime, end: entry?.responseEnd }));
  });
  expect(list!.start).toBeLessThan(script!.end!);
});

test("nothing moves while the page is made", async ({ people }) => {
  const visitor = await people.visitor({ viewport: { width: 1280, height: 900 } });
  await visitor.addInitScript(() => {
    (window as { shift?: number }).shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) (window as { shift?: number }).shift! += (entry as unknown as { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await visitor.goto("/");
  await expect(visitor.getByRole("listitem").or(visitor.getByRole("heading", { name: "Nothing on sale" })).first()).toBeVisible();
  await visitor.evaluate(() => document.fonts.ready);
  expect(await visitor.evaluate(() => (window as { shift?: number }).shift)).toBeLessThan(0.01);
});
