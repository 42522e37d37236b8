import type { Money } from './health.ts';

/** Figures about models as people read them, in the editor and on the command line alike. */

/** `850 ms`, `4.2 s`; a dash where nothing was measured. */
export function durationText(ms: number | undefined): string {
  if (ms === undefined) return '–';
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `900`, `12k`, `1.2M`. */
export function countText(count: number): string {
  if (count < 1000) return String(count);
  const [value, unit] = count < 999_500 ? [count / 1000, 'k'] : [count / 1_000_000, 'M'];
  return `${value < 10 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)}${unit}`;
}

/** `1.5 %` of a share from 0 to 1. */
export function shareText(share: number): string {
  const percent = share * 100;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1).replace(/\.0$/, '') : Math.round(percent)} %`;
}

/** `0.25 USD`, `0.0031 USD`. */
export function moneyText({ amount, currency }: Money): string {
  return `${amountText(amount)} ${currency}`;
}

/** Two digits at least, and as many as it takes to tell small amounts apart. */
export function amountText(amount: number): string {
  const exact = amount.toFixed(amount >= 1 ? 2 : amount >= 0.001 ? 4 : 6);
  return exact.replace(/(\.\d\d\d*?)0+$/, '$1');
}
