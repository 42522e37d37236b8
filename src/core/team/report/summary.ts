import { participation } from './adoption.ts';
import { longestWait } from './outlook.ts';
import type { Metric, ReportInput } from './report.ts';
import { netValue, taken } from './value.ts';
import { medianWait, waivers } from './work.ts';

/** The first page: six figures that need no other page to be understood. */
export function headlines(input: ReportInput): Metric[] {
  return [participation(input), taken(input), medianWait(input), waivers(input), longestWait(input), netValue(input)];
}
