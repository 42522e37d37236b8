/** Whole cents. Floating point numbers never hold money. */
export type Cents = number;

/** `12.50` to 1250. Fails on anything that is not an amount with at most two decimals. */
export function parseAmount(text: string): Cents {
  const match = /^(\d+)(?:\.(\d{1,2}))?$/.exec(text.trim());
  if (match === null) throw new RangeError(`Not an amount: ${text}`);
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
}

export function formatAmount(amount: Cents): string {
  const sign = amount < 0 ? '-' : '';
  const whole = Math.trunc(Math.abs(amount) / 100);
  const cents = String(Math.abs(amount) % 100).padStart(2, '0');
  return `${sign}${whole}.${cents}`;
}

/** A percentage of an amount, rounded half up to whole cents. */
export function percentOf(amount: Cents, percent: number): Cents {
  return Math.round((amount * percent) / 100);
}
