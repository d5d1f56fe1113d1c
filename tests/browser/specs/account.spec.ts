import { expect, PASSWORD, test, word } from "../src/shop";

test("signing up leads back to where one was", async ({ people }) => {
  const [seller, visitor, title] = [await people.person(), await people.visitor(), word()];
  const ticket = await seller.sells(title);
  await visitor.goto(`/tickets/${ticket.id}`);
  await visitor.getByRole("link", { name: "Sign in to reserve" }).click();
  await visitor.getByRole("link", { name: "Create an account" }).click();
  await visitor.getByLabel("Email").fill(`${title}@example.com`);
  await visitor.getByLabel("Password").fill(PASSWORD);
  await visitor.getByRole("button", { name: "Create account" }).click();
  await expect(visitor).toHaveURL(`/tickets/${ticket.id}`);
  await expect(visitor.getByRole("button", { name: "Reserve" })).toBeVisible();
});

test("errors are said at their fields, and nothing that was typed is lost", async ({ people }) => {
  const [known, visitor] = [await people.person(), await people.visitor()];
  await visitor.goto("/signup");
  await visitor.getByLabel("Email").fill("nobody");
  await visitor.getByLabel("Password").fill("short");
  await visitor.getByRole("button", { name: "Create account" }).click();
  await expect(visitor.getByLabel("Email")).toHaveAccessibleDescription("Email must be valid");
  await expect(visitor.getByLabel("Password")).toHaveAccessibleDescription(/between 8 and 128/);
  await expect(visitor.getByLabel("Email")).toBeFocused();
  await visitor.getByLabel("Email").fill(known.email);
  await visitor.getByLabel("Password").fill(PASSWORD);
  await visitor.getByRole("button", { name: "Create account" }).click();
  await expect(visitor.getByLabel("Email")).toHaveAccessibleDescription("Email in use");
  await expect(visitor.getByLabel("Password")).toHaveValue(PASSWORD);
});

test("a wrong password is told, the right one signs in, and signing out is possible", async ({ people }) => {
  const [known, visitor] = [await people.person(), await people.visitor()];
  await visitor.goto("/signin");
  await visitor.getByLabel("Email").fill(known.email);
  await visitor.getByLabel("Password").fill("wrong password");
  await visitor.getByRole("button", { name: "Sign in" }).click();
  await expect(visitor.getByRole("alert")).toHaveText("Invalid credentials");
  await visitor.getByLabel("Password").fill(PASSWORD);
  await visitor.getByRole("button", { name: "Sign in" }).click();
  await expect(visitor).toHaveURL("/");
  await expect(visitor.getByText(known.email)).toBeVisible();
  await visitor.getByRole("button", { name: "Sign out" }).click();
  await expect(visitor.getByRole("banner").getByRole("link", { name: "Sign in" })).toBeVisible();
});

test("a page of one's own asks to sign in first, and comes then", async ({ people }) => {
  const [known, visitor] = [await people.person(), await people.visitor()];
  await visitor.goto("/orders");
  await expect(visitor).toHaveURL("/signin?next=%2Forders");
  await visitor.getByLabel("Email").fill(known.email);
  await visitor.getByLabel("Password").fill(PASSWORD);
  await visitor.getByRole("button", { name: "Sign in" }).click();
  await expect(visitor).toHaveURL("/orders");
  await expect(visitor.getByRole("heading", { name: "No orders yet" })).toBeVisible();
});

test("signing in leads to no other site", async ({ people }) => {
  const person = await people.person();
  await person.page.goto("/signin?next=//evil.example/");
  await expect(person.page).toHaveURL("/");
});

test("an expired session is renewed unseen, once for all tabs", async ({ people }) => {
  const { context, page } = await people.person();
  const other = await context.newPage();
  await page.goto("/orders");
  await other.goto("/selling");
  await expect(page.getByRole("heading", { name: "No orders yet" })).toBeVisible();
  await expect(other.getByRole("heading", { name: "You have not sold anything yet" })).toBeVisible();
  let renewals = 0;
  context.on("request", (request) => {
    if (request.url().endsWith("/api/users/refresh")) renewals += 1;
  });
  // What time would do.
  await context.clearCookies({ name: "session" });
  await expect.poll(async () => (await context.cookies()).some(({ name }) => name === "session")).toBe(true);
  await page.reload();
  await expect(page.getByRole("heading", { name: "No orders yet" })).toBeVisible();
  expect(renewals).toBe(1);
});

test("a session that is over is asked for without losing what was typed", async ({ people }) => {
  const { context, page, email } = await people.person();
  await page.goto("/sell");
  await page.getByLabel("Title").fill("Typed before");
  await page.getByLabel("Price").fill("12,50");
  await context.clearCookies();
  await page.getByRole("button", { name: "Put on sale" }).click();
  const dialog = page.getByRole("dialog", { name: "Please sign in again" });
  await expect(dialog.getByLabel("Email")).toHaveValue(email);
  await dialog.getByLabel("Password").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Typed before" })).toBeVisible();
  await expect(dialog).toBeHidden();
});

test("signing out in one tab is seen in the other", async ({ people }) => {
  const { context, page } = await people.person();
  const other = await context.newPage();
  await page.goto("/");
  await other.goto("/");
  await expect(other.getByRole("button", { name: "Sign out" })).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(other.getByRole("link", { name: "Sign up" })).toBeVisible();
});
