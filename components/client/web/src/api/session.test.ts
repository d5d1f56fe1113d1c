import { expect, test } from "vitest";
import { Session, type SessionPorts } from "./session";

/** A server with one session, and any number of tabs that share a storage and a lock. */
function browser() {
  const server = { signedIn: false, renewable: true, refreshes: 0, down: false };
  const time = { now: 1_000_000 };
  const stored = new Map<string, string>();
  let queue: Promise<unknown> = Promise.resolve();
  const ports: SessionPorts = {
    now: () => time.now,
    storage: {
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, value) => void stored.set(key, value),
      removeItem: (key) => void stored.delete(key),
    },
    exclusively: (task) => {
      const run = queue.then(task);
      queue = run.catch(() => undefined);
      return run;
    },
    fetch: async (path) => {
      time.now += 5;
      if (server.down) throw new TypeError("no network");
      if (path === "/api/users/currentuser") {
        return Response.json({ currentUser: server.signedIn ? { id: "1", email: "a@b" } : null });
      }
      server.refreshes += 1;
      if (!server.renewable) return Response.json({ errors: [{ message: "Not authorized" }] }, { status: 401 });
      server.signedIn = true;
      return Response.json({ id: "1", email: "a@b" });
    },
  };
  const tab = (): Session => new Session(ports);
  return { server, time, tab };
}

test("an expired session is renewed once, however many requests of a tab find out", async () => {
  const { server, time, tab } = browser();
  const session = tab();
  const renewals = await Promise.all([1, 2, 3].map(() => session.renewAfter401(time.now)));
  expect(renewals).toEqual(["renewed", "renewed", "renewed"]);
  expect(server.refreshes).toBe(1);
});

test("and once over all tabs", async () => {
  const { server, time, tab } = browser();
  const askedAt = time.now;
  const renewals = await Promise.all([tab(), tab(), tab()].map((session) => session.renewAfter401(askedAt)));
  expect(renewals).toEqual(["renewed", "renewed", "renewed"]);
  expect(server.refreshes).toBe(1);
});

test("a 401 about somebody else's things renews nothing", async () => {
  const { server, time, tab } = browser();
  server.signedIn = true;
  expect(await tab().renewAfter401(time.now)).toBe("not needed");
  expect(server.refreshes).toBe(0);
});

test("a session that cannot be renewed is over, and no longer expected", async () => {
  const { server, time, tab } = browser();
  server.renewable = false;
  const session = tab();
  session.begun();
  expect(await session.renewAfter401(time.now + 1)).toBe("over");
  expect(session.isExpected()).toBe(false);
});

test("without an answer nothing is known, and the next request tries again", async () => {
  const { server, time, tab } = browser();
  const session = tab();
  session.begun();
  server.down = true;
  await expect(session.renewAfter401(time.now + 1)).rejects.toThrow();
  expect(session.isExpected()).toBe(true);
  server.down = false;
  expect(await session.renewAfter401(time.now + 1)).toBe("renewed");
});

test("it is renewed before it expires, by one tab", async () => {
  const { server, time, tab } = browser();
  const [one, two] = [tab(), tab()];
  one.begun();
  expect(await one.renewIfDue()).toBe("not needed");
  time.now += 11 * 60_000;
  expect(await Promise.all([one.renewIfDue(), two.renewIfDue()])).toEqual(["renewed", "renewed"]);
  expect(server.refreshes).toBe(1);
});

test("a clock that was set back makes it due", () => {
  const { time, tab } = browser();
  const session = tab();
  session.begun();
  time.now -= 3_600_000;
  expect(session.isDue()).toBe(true);
});

test("a session of unknown age is due", () => {
  const { tab } = browser();
  const session = tab();
  session.found();
  expect(session.isDue()).toBe(true);
});

test("who is not signed in renews nothing by the clock", async () => {
  const { server, tab } = browser();
  expect(await tab().renewIfDue()).toBe("not needed");
  expect(server.refreshes).toBe(0);
});
