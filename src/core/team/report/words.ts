/** Figures as people read them. */

export function percent(share: number): string {
  const value = share * 100;
  return `${value !== 0 && Math.abs(value) < 1 ? value.toFixed(1) : Math.round(value)} %`;
}

/** `60 %`, or `60 to 75 %` where the ends differ on paper. */
export function percentRange({ low, high }: { low: number; high: number }): string {
  const [from, to] = [percent(low), percent(high)];
  return from === to ? from : `${from.replace(' %', '')} to ${to}`;
}

/** `1,234`. */
export function whole(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `-1,200 to 3,400`. */
export function wholeRange({ low, high }: { low: number; high: number }): string {
  const [from, to] = [whole(low), whole(high)];
  return from === to ? from : `${from} to ${to}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : many}`;
}

/** Why a counter has no figure. */
export const WITHHELD = 'Withheld: too few people are behind it, or the teams do not count it.';
