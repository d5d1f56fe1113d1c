import { randomUUID } from "node:crypto";
import { test as base, type Browser, type BrowserContext, type BrowserContextOptions, expect, type Page } from "@playwright/test";

export interface Ticket {
  id: string;
  title: string;
  price: number;
}

export interface Order {
  id: string;
  status: string;
  expiresAt: string;
  ticket: Ticket;
}

export const PASSWORD = "correct horse";

/** Somebody with an account, signed in, in a browser of their own. */
export class Person {
  readonly email: string;
  readonly context: BrowserContext;
  readonly page: Page;

  constructor(email: string, context: BrowserContext, page: Page) {
    this.email = email;
    this.context = context;
    this.page = page;
  }

  /** Puts a ticket on sale, past the browser. */
  async sells(title: string, price = 12.5): Promise<Ticket> {
    return this.#post<Ticket>("/api/tickets", { title, price });
  }

  /** Reserves a ticket, past the browser. */
  async reserves(ticket: Ticket): Promise<Order> {
    return this.#post<Order>("/api/orders", { ticketId: ticket.id });
  }

  /** Pays an order, past the browser. */
  async pays(order: Order): Promise<void> {
    await this.#post("/api/payments", { orderId: order.id, token: "pm_card_visa" });
    await expect.poll(async () => (await this.orders(order.id)).status).toBe("complete");
  }

  async orders(id: string): Promise<Order> {
    return (await this.context.request.get(`/api/orders/${id}`)).json();
  }

  async cancels(order: Order): Promise<void> {
    expect((await this.context.request.delete(`/api/orders/${order.id}`)).status()).toBe(204);
  }

  async #post<T>(path: string, data: unknown): Promise<T> {
    // What was made a moment ago reaches the other services by an event.
    for (let attempt = 0; ; attempt += 1) {
      const reply = await this.context.request.post(path, { data });
      if (reply.ok()) return reply.json();
      if (attempt === 3) throw new Error(`POST ${path}: ${reply.status()} ${await reply.text()}`);
    }
  }
}

/** People, each in a browser of their own, and visitors without an account. */
export class People {
  readonly #browser: Browser;
  readonly #contexts: BrowserContext[] = [];

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  async person(options: BrowserContextOptions = {}): Promise<Person> {
    const context = await this.#context(options);
    const email = `${word()}@example.com`;
    const reply = await context.request.post("/api/users/signup", { data: { email, password: PASSWORD } });
    expect(reply.status()).toBe(201);
    return new Person(email, context, await context.newPage());
  }

  async visitor(options: BrowserContextOptions = {}): Promise<Page> {
    return (await this.#context(options)).newPage();
  }

  async leave(): Promise<void> {
    for (const context of this.#contexts) await context.close();
  }

  async #context(options: BrowserContextOptions): Promise<BrowserContext> {
    const context = await this.#browser.newContext(options);
    this.#contexts.push(context);
    // A promise that broke or a script that the policy forbids is a fault of the app, whatever the test is about.
    context.on("weberror", (error) => {
      throw error.error();
    });
    return context;
  }
}

export const test = base.extend<{ people: People }>({
  people: async ({ browser }, use) => {
    const people = new People(browser);
    await use(people);
    await people.leave();
  },
});

export { expect };

/** A word that no other test uses. */
export function word(): string {
  return `x${randomUUID().replaceAll("-", "").slice(0, 12)}`;
}

/** What a screen reader is told. */
export function announcer(page: Page) {
  return page.getByTestId("announcer");
}

/** Fills in the form for test cards. */
export async function typeCard(page: Page, number: string): Promise<void> {
  await page.getByLabel("Card number").fill(number);
  await page.getByLabel("Expires").fill("12/40");
  await page.getByLabel("CVC").fill("123");
}

/** The cards of tests/stripe-double. */
export const CARDS = {
  paid: "4242 4242 4242 4242",
  declined: "4000 0000 0000 0002",
  poor: "4000 0000 0000 9995",
  confirmed: "4000 0000 0000 3220",
};
