import { z } from 'zod';
import { grammarProblems } from '../../yaml/grammarProblems.ts';
import { parseLocatedYaml } from '../../yaml/locatedYaml.ts';
import { problemAt } from '../../workflow/problem.ts';
import type { Problem } from '../../workflow/problem.ts';

/** The grammar of `.handrail/dismissals.yml`. Messages end a sentence that begins with the key. */

const text = z.string().regex(/\S/, 'must not be empty');
const entry = z.strictObject({
  fingerprint: z
    .string()
    .regex(/^[0-9a-f]{16,64}$/, 'must be 16 to 64 hex digits, as handrail dismiss writes them')
    .describe('What the finding is about, independent of its line and wording'),
  reason: text.describe('Why it does not need a change'),
  expires: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date such as 2026-12-31')
    .refine(isDate, 'must be a date of the calendar')
    .describe('Last day on which it counts, in UTC')
    .optional(),
  file: text.describe('Where it was dismissed').optional(),
  rule: text.describe('Rule of the engine, else the category').optional(),
  quote: text.describe('The lines it is about').optional(),
  symbol: z.string().describe('Enclosing function or class').optional(),
  title: text.describe('What the finding said').optional(),
});

export const dismissalsSchema = z.strictObject({
  version: z.literal(1).describe('Version of the file: 1'),
  dismissals: z.array(entry).describe('Findings that the team decided against, as handrail dismiss --team writes them'),
});

/** One entry of the team's file. Only `fingerprint` and `reason` are sure to be there: people edit the file. */
export interface TeamDismissal {
  fingerprint: string;
  reason: string;
  /** `YYYY-MM-DD`, the last day on which it counts, in UTC. */
  expires?: string;
  file?: string;
  rule?: string;
  quote?: string;
  symbol?: string;
  title?: string;
}

/** Reads `.handrail/dismissals.yml`. Never throws; the dismissals are present when there is no error. */
export function parseDismissals(source: string): { dismissals?: TeamDismissal[]; problems: Problem[] } {
  const file = parseLocatedYaml(source);
  if (file.broken) return { problems: file.problems };
  const parsed = dismissalsSchema.safeParse(file.value);
  const problems = [...file.problems, ...grammarProblems(dismissalsSchema, file, parsed)];
  if (!parsed.success) return { problems };
  const seen = new Map<string, number>();
  parsed.data.dismissals.forEach(({ fingerprint, file: path }, index) => {
    const key = `${fingerprint} ${path ?? ''}`;
    const first = seen.get(key);
    if (first === undefined) return void seen.set(key, index);
    const span = file.spanOf(['dismissals', index, 'fingerprint']);
    const message = `The same finding is dismissed by item ${first + 1} already.`;
    problems.push({ ...problemAt(file.text, span, 'duplicate-id', message, 'Keep one of the two.'), severity: 'warning' });
  });
  if (problems.some((problem) => problem.severity === 'error')) return { problems };
  const dismissals = parsed.data.dismissals.map(
    (item) => Object.fromEntries(Object.entries(item).filter((pair) => pair[1] !== undefined)) as unknown as TeamDismissal,
  );
  return { dismissals, problems };
}

/** Whether `YYYY-MM-DD` names a day that exists. */
function isDate(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}
