import { expect, test, word } from "../src/shop";

test("without a network the page says so, keeps what it shows, and catches up", async ({ people }) => {
  const [seller, visitor, title] = [await people.person(), await people.visitor(), word()];
  await seller.sells(title);
  await visitor.goto(`/?q=${title}`);
  await expect(visitor.getByRole("listitem")).toHaveCount(1);
  await visitor.context().setOffline(true);
  await expect(visitor.getByText("You are offline.")).toBeVisible();
  await expect(visitor.getByRole("listitem")).toHaveCount(1);
  await seller.sells(`${title} too`);
  await visitor.context().setOffline(false);
  await expect(visitor.getByText("You are offline.")).toBeHidden();
  await expect(visitor.getByRole("listitem")).toHaveCount(2);
});

test("a shop that does not answer is said, and asked again by itself", async ({ people }) => {
  const [seller, visitor, title] = [await people.person(), await people.visitor(), word()];
  await seller.sells(title);
  await visitor.goto(`/?q=${title}`);
  await expect(visitor.getByRole("listitem")).toHaveCount(1);
  await visitor.route("**/api/tickets?**", (route) => route.abort());
  await expect(visitor.getByText("The shop does not answer at the moment.")).toBeVisible();
  await expect(visitor.getByRole("listitem")).toHaveCount(1);
  await visitor.unroute("**/api/tickets?**");
  await expect(visitor.getByText("The shop does not answer at the moment.")).toBeHidden();
});

test("a list that cannot be loaded is tried again on request", async ({ people }) => {
  const visitor = await people.visitor();
  await visitor.route("**/api/tickets?**", (route) =>
    route.fulfill({ status: 503, json: { errors: [{ message: "The database does not answer" }] } }),
  );
  await visitor.goto("/");
  await expect(visitor.getByRole("alert")).toContainText("The database does not answer");
  await visitor.unroute("**/api/tickets?**");
  await visitor.getByRole("button", { name: "Try again" }).click();
  await expect(visitor.getByRole("alert")).toBeHidden();
});

test("a form keeps what was typed when sending it fails", async ({ people }) => {
  const [{ page }, title] = [await people.person(), word()];
  await page.goto("/sell");
  await page.getByLabel("Title").fill(title);
  await page.getByLabel("Price").fill("9.99");
  await page.route("**/api/tickets", (route) => route.abort());
  await page.getByRole("button", { name: "Put on sale" }).click();
  await expect(page.getByRole("alert")).toContainText("The shop cannot be reached");
  await expect(page.getByLabel("Title")).toHaveValue(title);
  await page.unroute("**/api/tickets");
  await page.getByRole("button", { name: "Put on sale" }).click();
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
});

test("a reservation whose answer is lost is found", async ({ people }) => {
  const [seller, { page }] = [await people.person(), await people.person()];
  const ticket = await seller.sells(word());
  await page.goto(`/tickets/${ticket.id}`);
  let made = 0;
  await page.route("**/api/orders", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    const reply = await route.fetch();
    expect(reply.status()).toBe(201);
    made += 1;
    // The connection breaks before the answer is there; the same write again is told the same.
    await (made === 1 ? route.abort() : route.fulfill({ response: reply }));
  });
  await page.getByRole("button", { name: "Reserve" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Checkout" })).toBeVisible();
  expect(made).toBe(2);
});

test("the pages allow nothing but their own scripts, and files with a hash are kept", async ({ people }) => {
  const visitor = await people.visitor();
  const page = await visitor.goto("/");
  const policy = page?.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain("unsafe");
  expect(page?.headers()["cache-control"]).toBe("no-cache");
  const script = await visitor.locator("script[src]").getAttribute("src");
  const file = await visitor.request.get(script ?? "");
  expect(file.headers()["cache-control"]).toBe("public, max-age=31536000, immutable");
  expect(file.headers()["content-encoding"]).toBe("br");
});

test("a page asks no other origin for anything", async ({ people }) => {
  const { page, context } = await people.person();
  const others = new Set<string>();
  const shop = new URL(process.env["SHOP"] ?? "").origin;
  context.on("request", (request) => {
    if (new URL(request.url()).origin !== shop) others.add(request.url());
  });
  for (const path of ["/", "/orders", "/selling", "/sell"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  expect([...others]).toEqual([]);
});
