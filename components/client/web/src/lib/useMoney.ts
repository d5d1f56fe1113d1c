import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { configQuery } from "../api/queries";

const PLAIN = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2 });

/** Writes amounts in the shop's currency, by the visitor's habits; without a symbol while the currency is not known. */
export function useMoney(): (amount: number) => string {
  const currency = useQuery(configQuery).data?.currency;
  return useMemo(() => {
    const format = currency === undefined ? PLAIN : new Intl.NumberFormat(undefined, { style: "currency", currency });
    return (amount) => format.format(amount);
  }, [currency]);
}

/** The currency's symbol as the visitor knows it: "$". */
export function useCurrencySymbol(): string {
  const currency = useQuery(configQuery).data?.currency;
  if (currency === undefined) return "";
  const parts = new Intl.NumberFormat(undefined, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).formatToParts(0);
  return parts.find(({ type }) => type === "currency")?.value ?? currency.toUpperCase();
}
