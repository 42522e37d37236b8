import type { StepKind } from '../../workflow/definition.ts';
import { startOfWeek } from '../../telemetry/week.ts';
import { endOfWeek } from '../window.ts';

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

/** The same to two digits: what rests on assumptions is not known to the last one. */
export function roughRange({ low, high }: { low: number; high: number }): string {
  return wholeRange({ low: rough(low), high: rough(high) });
}

function rough(value: number): number {
  return Number(value.toPrecision(2));
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : many}`;
}

/** The first day of a week, as `5 Oct 2026`; the week itself where there is none such. */
export function firstDay(week: string): string {
  return dayText(startOfWeek(week)) ?? week;
}

/** The last day of a week. */
export function lastDay(week: string): string {
  const end = endOfWeek(week);
  return dayText(end === undefined ? undefined : end - 1) ?? week;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function dayText(time: number | undefined): string | undefined {
  if (time === undefined) return undefined;
  const date = new Date(time);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()] ?? ''} ${date.getUTCFullYear()}`;
}

/** Kinds of steps as people call them who have not read a workflow file. */
export const STEP_WORDS: Readonly<Record<StepKind, string>> = {
  manual: 'by hand',
  command: 'commands',
  generate: 'AI generation',
  review: 'AI review',
  approval: 'approvals',
};
