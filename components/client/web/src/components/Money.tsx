import { useMoney } from "../lib/useMoney";

export function Money({ amount }: { amount: number }) {
  const format = useMoney();
  return <span className="money">{format(amount)}</span>;
}
