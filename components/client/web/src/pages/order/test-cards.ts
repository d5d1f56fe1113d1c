/** Stripe's test cards (docs.stripe.com/testing), and the ids of the payment methods that stand for them. */
const TOKENS: Record<string, string> = {
  "4242424242424242": "pm_card_visa",
  "4000056655665556": "pm_card_visa_debit",
  "5555555555554444": "pm_card_mastercard",
  "378282246310005": "pm_card_amex",
  "6011111111111117": "pm_card_discover",
  "3056930009020004": "pm_card_diners",
  "3566002020360505": "pm_card_jcb",
  "6200000000000005": "pm_card_unionpay",
  "4000000000000259": "pm_card_createDispute",
  "4000000000000002": "pm_card_chargeDeclined",
  "4000000000009995": "pm_card_chargeDeclinedInsufficientFunds",
  "4000000000009987": "pm_card_chargeDeclinedLostCard",
  "4000000000009979": "pm_card_chargeDeclinedStolenCard",
  "4100000000000019": "pm_card_chargeDeclinedFraudulent",
  "4000000000006975": "pm_card_chargeDeclinedVelocityLimitExceeded",
  "4000000000000341": "pm_card_chargeCustomerFail",
  "4000000000000069": "pm_card_chargeDeclinedExpiredCard",
  "4000000000000127": "pm_card_chargeDeclinedIncorrectCvc",
  "4000000000000119": "pm_card_chargeDeclinedProcessingError",
  "4000000000003220": "pm_card_threeDSecure2Required",
  "4000002760003184": "pm_card_authenticationRequired",
  "4000002500003155": "pm_card_authenticationRequiredOnSetup",
  "4000008400001629": "pm_card_threeDSecureRequiredChargeDeclined",
  "4000008400001280": "pm_card_threeDSecureRequiredProcessingError",
  "4000008260003178": "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
};

/** Those that the form explains: one for each way that a payment can go. */
export const EXPLAINED = [
  { number: "4242 4242 4242 4242", what: "is paid" },
  { number: "4000 0000 0000 0002", what: "is declined" },
  { number: "4000 0000 0000 9995", what: "has too little money on it" },
  { number: "4000 0000 0000 3220", what: "wants a confirmation (3-D Secure)" },
] as const;

/** Digits only. */
export function digitsOf(text: string): string {
  return text.replace(/\D/g, "");
}

/** In groups, as it stands on a card. */
export function groupDigits(text: string): string {
  const digits = digitsOf(text).slice(0, 19);
  const groups = /^3[47]/.test(digits) ? /^(\d{1,4})(\d{1,6})?(\d{1,5})?.*$/ : null;
  if (groups !== null) return digits.replace(groups, (_all, ...parts) => parts.slice(0, 3).filter(Boolean).join(" "));
  return digits.replace(/(\d{4})(?=\d)/g, "$1 ");
}

/** Whether the check digit is right (ISO/IEC 7812-1, Luhn). */
export function isCardNumber(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length < 12) return false;
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** The token of a test card; null for any other. */
export function tokenOf(number: string): string | null {
  return TOKENS[digitsOf(number)] ?? null;
}

/** Whether "MM/YY" is this month or later. */
export function isInFuture(expiry: string, now: Date): boolean {
  const [, month, year] = /^(\d{2})\s*\/\s*(\d{2})$/.exec(expiry.trim()) ?? [];
  if (month === undefined || year === undefined || Number(month) < 1 || Number(month) > 12) return false;
  return new Date(2000 + Number(year), Number(month), 1) > now;
}
