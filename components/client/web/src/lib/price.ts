/** What the API takes at most, in major units. */
const MOST = 999_999.99;

/** A price that was read, as a plain decimal number ("12.50"), or what is wrong with it. */
export type PriceReading = { ok: true; value: string } | { ok: false; why: string };

/**
 * Reads a price as people type it: "12,50", "12.5", "$12", "1,234.50", "1.234,50 €", "1 234". The last of the
 * separators is the decimal one, unless exactly three digits follow it, since prices have at most two decimals.
 */
export function parsePrice(text: string): PriceReading {
  const bare = text
    .trim()
    .replace(/^[\p{Sc}]|[\p{Sc}]$/gu, "")
    .replace(/^[A-Za-z]{3}\s|\s[A-Za-z]{3}$/g, "")
    .trim()
    .replace(/(?<=\d)[\s'’](?=\d{3}(?!\d))/g, "");
  if (bare === "") return { ok: false, why: "Say what it costs" };
  if (!/^[\d.,]+$/.test(bare) || !/\d/.test(bare)) return { ok: false, why: "A price is a number, such as 12.50" };
  const parts = split(bare);
  if (parts === null) return { ok: false, why: "A price has at most two decimals, such as 12.50" };
  const whole = parts.whole.replace(/^0+(?=\d)/, "") || "0";
  const value = parts.decimals === "" ? whole : `${whole}.${parts.decimals}`;
  if (Number(value) <= 0) return { ok: false, why: "Price must be greater than 0" };
  if (Number(value) > MOST) return { ok: false, why: "Price must be at most 999,999.99" };
  return { ok: true, value };
}

/** The digits before and after the decimal separator; null when the separators make no sense. */
function split(text: string): { whole: string; decimals: string } | null {
  const last = Math.max(text.lastIndexOf("."), text.lastIndexOf(","));
  if (last === -1) return { whole: text, decimals: "" };
  const separator = text[last] ?? "";
  const before = text.slice(0, last);
  const after = text.slice(last + 1);
  if (after.length === 3 || before.includes(separator)) return grouped(text);
  if (after.length > 2) return null;
  const whole = before === "" ? "0" : grouped(before)?.whole;
  return whole === undefined ? null : { whole, decimals: after };
}

/** Digits in groups of three with one kind of separator. */
function grouped(text: string): { whole: string; decimals: string } | null {
  if (!/^(\d+|\d{1,3}(\.\d{3})+|\d{1,3}(,\d{3})+)$/.test(text)) return null;
  return { whole: text.replace(/[.,]/g, ""), decimals: "" };
}
