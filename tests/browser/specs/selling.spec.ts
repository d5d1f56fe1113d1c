import { expect, test, word } from "../src/shop";

test("a ticket is sold with a price as people type it", async ({ people }) => {
  const [{ page }, title] = [await people.person(), word()];
  await page.goto("/sell");
  await page.getByLabel("Title").fill(title);
  await page.getByLabel("Price").fill("$1.234,50");
  await expect(page.getByText("Buyers pay $1,234.50")).toBeVisible();
  await page.getByRole("button", { name: "Put on sale" }).click();
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
  await expect(page.getByText("$1,234.50")).toBeVisible();
  await page.goto(`/?q=${title}`);
  await expect(page.getByRole("listitem")).toHaveCount(1);
});

test("what is wrong with a draft is said at its field", async ({ people }) => {
  const { page } = await people.person();
  await page.goto("/sell");
  await page.getByLabel("Price").fill("1.2345");
  await page.getByRole("button", { name: "Put on sale" }).click();
  await expect(page.getByLabel("Title")).toHaveAccessibleDescription("Title is required");
  await expect(page.getByLabel("Price")).toHaveAccessibleDescription(/two decimals/);
});

test("a seller edits and deletes their ticket", async ({ people }) => {
  const [{ page }, title] = [await people.person(), word()];
  await page.goto("/sell");
  await page.getByLabel("Title").fill(title);
  await page.getByLabel("Price").fill("5");
  await page.getByRole("button", { name: "Put on sale" }).click();
  await page.getByRole("link", { name: "Edit" }).click();
  await expect(page.getByLabel("Price")).toHaveValue("5.00");
  await page.getByLabel("Price").fill("7,5");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("$7.50")).toBeVisible();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Keep it" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete it" }).click();
  await expect(page).toHaveURL("/selling");
  await expect(page.getByRole("heading", { name: "You have not sold anything yet" })).toBeVisible();
});

test("a seller sees what became of each ticket", async ({ people }) => {
  const [seller, buyer, name] = [await people.person(), await people.person(), word()];
  const sold = await seller.sells(`${name} sold`);
  const reserved = await seller.sells(`${name} reserved`);
  await seller.sells(`${name} free`);
  await buyer.pays(await buyer.reserves(sold));
  await buyer.reserves(reserved);
  await seller.page.goto("/selling");
  const row = (what: string) => seller.page.getByRole("listitem").filter({ hasText: `${name} ${what}` });
  await expect(row("sold")).toContainText("Sold");
  await expect(row("reserved")).toContainText("Reserved");
  await expect(row("free")).toContainText("On sale");
  await expect(row("free").getByRole("link", { name: `Edit ${name} free` })).toBeVisible();
  await expect(row("sold").getByRole("link", { name: /^Edit/ })).toBeHidden();
});

test("a ticket that is reserved meanwhile can no longer be changed, and says why", async ({ people }) => {
  const [seller, buyer, title] = [await people.person(), await people.person(), word()];
  const ticket = await seller.sells(title);
  await seller.page.goto(`/tickets/${ticket.id}/edit`);
  await seller.page.getByLabel("Title").fill(`${title} better`);
  await buyer.reserves(ticket);
  await expect(seller.page.getByText("Somebody has reserved this ticket")).toBeVisible();
  await seller.page.getByRole("button", { name: "Save" }).click();
  await expect(seller.page.getByRole("alert")).toContainText("Cannot edit a reserved ticket");
  await expect(seller.page.getByLabel("Title")).toHaveValue(`${title} better`);
});

test("somebody else's ticket is not edited", async ({ people }) => {
  const [seller, other] = [await people.person(), await people.person()];
  const ticket = await seller.sells(word());
  await other.page.goto(`/tickets/${ticket.id}/edit`);
  await expect(other.page.getByText("Only its seller can change a ticket.")).toBeVisible();
});
