// The list of what is on sale: search, paging by the Link header, and what to say when there is nothing.

const PAGE_SIZE = 24;
const SKELETONS = 6;
/** Milliseconds without a key before a search is sent. */
const TYPING_PAUSE = 250;

const element = (id) => document.getElementById(id);
const list = element("tickets");
const status = element("status");
const notice = element("notice");
const retry = element("retry");
const more = element("more");
const form = element("search");
const input = element("q");
const template = element("ticket");

/** The request under way; a newer one cancels it. */
let running = new AbortController();
/** Where the next page is, when there is one. */
let next = null;
/** What failed and can be tried again. */
let failed = null;

/** How prices are written: the shop's currency, the visitor's habits. */
const prices = fetch("/api/config")
  .then((response) => response.json())
  .then(({ currency }) => new Intl.NumberFormat(undefined, { style: "currency", currency }))
  .catch(() => new Intl.NumberFormat(undefined, { minimumFractionDigits: 2 }));

/** The URL of the next page in a Link header (RFC 8288), or null. */
function nextPage(header) {
  const target = /<([^>]+)>\s*;\s*rel="?next"?/.exec(header ?? "")?.[1];
  if (!target) return null;
  const url = new URL(target, location.href);
  return url.pathname + url.search;
}

/** One page of tickets and where the next one is. Throws an Error whose message a visitor may read. */
async function fetchPage(url, signal) {
  const response = await fetch(url, { signal, headers: { accept: "application/json" } });
  const body = await response.json().catch(() => null);
  if (!response.ok || !Array.isArray(body)) {
    throw new Error(body?.errors?.[0]?.message ?? `The shop answered with ${response.status}.`);
  }
  return { tickets: body, next: nextPage(response.headers.get("link")) };
}

function card({ title, price }, format) {
  const item = template.content.cloneNode(true);
  item.querySelector(".title").textContent = title;
  item.querySelector(".price").textContent = format.format(price);
  return item;
}

function skeleton() {
  const item = template.content.cloneNode(true).firstElementChild;
  item.classList.add("skeleton");
  item.setAttribute("aria-hidden", "true");
  return item;
}

function showNotice(title, text, canRetry) {
  notice.querySelector("h2").textContent = title;
  notice.querySelector("p").textContent = text;
  retry.hidden = !canRetry;
  notice.hidden = false;
}

function describe(count, query) {
  const tickets = count === 1 ? "1 ticket" : `${count} tickets`;
  const matching = query ? ` matching “${query}”` : "";
  return next ? `The first ${tickets}${matching}` : `${tickets}${matching}`;
}

/** Shows the page at `url`, in place of what is there or after it. */
async function show(url, query, { append }) {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  failed = null;
  notice.hidden = true;
  more.disabled = true;
  list.setAttribute("aria-busy", "true");
  if (!append) {
    next = null;
    more.hidden = true;
    list.replaceChildren(...Array.from({ length: SKELETONS }, skeleton));
    status.textContent = "Loading…";
  }
  try {
    const [page, format] = await Promise.all([fetchPage(url, signal), prices]);
    const shown = append ? list.children.length : 0;
    const cards = page.tickets.map((ticket) => card(ticket, format));
    if (append) list.append(...cards);
    else list.replaceChildren(...cards);
    next = page.next;
    const total = list.children.length;
    status.textContent = total === 0 ? "" : describe(total, query);
    if (total === 0) {
      if (query) showNotice("Nothing found", `No ticket on sale has “${query}” in its title.`, false);
      else showNotice("Nothing on sale", "As soon as somebody sells a ticket, it is here.", false);
    }
    more.hidden = !next;
    // The keyboard goes on where the new tickets begin, and a screen reader too.
    if (append && total > shown) focusOn(list.children[shown]);
  } catch (error) {
    if (signal.aborted) return;
    if (!append) list.replaceChildren();
    status.textContent = "";
    failed = () => show(url, query, { append });
    const text = error instanceof TypeError ? "The shop cannot be reached." : error.message;
    showNotice("That did not work", text, true);
    more.hidden = true;
  } finally {
    if (!signal.aborted) {
      list.removeAttribute("aria-busy");
      more.disabled = false;
    }
  }
}

function focusOn(item) {
  item.tabIndex = -1;
  item.focus({ preventScroll: true });
}

function search() {
  const query = input.value.trim();
  const parameters = new URLSearchParams({ limit: PAGE_SIZE });
  if (query) parameters.set("q", query);
  history.replaceState(null, "", query ? `?${new URLSearchParams({ q: query })}` : location.pathname);
  return show(`/api/tickets?${parameters}`, query, { append: false });
}

let typing;
input.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(search, TYPING_PAUSE);
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  search();
});

more.addEventListener("click", () => {
  if (next) show(next, input.value.trim(), { append: true });
});

retry.addEventListener("click", () => failed?.());

input.value = new URLSearchParams(location.search).get("q") ?? "";
search();
