import { z } from 'zod';
import { HandrailError } from '../../errors.ts';
import { SEVERITIES } from '../finding.ts';
import { LANGUAGE_NAMES } from './case.ts';
import { reportOf, REPORT_SCHEMA, type EvalReport } from './report.ts';

const count = z.number().min(0);
const usage = z.object({
  requests: count,
  inputTokens: count,
  outputTokens: count,
  cachedTokens: count,
  cacheHits: count,
  cost: z.object({ amount: count, currency: z.string() }).optional(),
});
const finding = z.object({
  verdict: z.enum(['hit', 'beside', 'wrong']),
  startLine: z.int().optional(),
  endLine: z.int().optional(),
  severity: z.enum(SEVERITIES),
  category: z.string(),
  title: z.string(),
  message: z.string(),
  source: z.enum(['model', 'builtin']),
  rule: z.string().optional(),
  anchor: z.enum(['exact', 'moved', 'fuzzy', 'unanchored']),
});
const outcome = z.object({
  id: z.string(),
  language: z.enum(LANGUAGE_NAMES),
  kind: z.enum(['bug', 'clean']),
  digest: z.string(),
  result: z.enum(['found', 'missed', 'left-alone', 'flagged', 'failed']),
  findings: z.array(finding),
  latency: count,
  usage,
  partial: z.string().optional(),
  failure: z.object({ reason: z.string(), message: z.string() }).optional(),
});
/** Keys that a later version adds are passed over, as JSON keys are additive. */
const report = z.object({
  schema: z.literal(REPORT_SCHEMA),
  version: z.string(),
  model: z.string(),
  modelId: z.string().optional(),
  promptVersion: z.string().optional(),
  parallel: z.int().min(1),
  date: z.string(),
  caseSet: z.object({ digest: z.string(), bugs: z.int(), clean: z.int() }),
  cases: z.array(outcome),
});

/**
 * Reads a report that `handrail eval` wrote. Its figures are worked out again from the cases. Fails with `config`, naming `path`,
 * for what is none.
 */
export function parseReport(text: string, path: string): EvalReport {
  const parsed = report.safeParse(jsonOf(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? '' : ` (at ${issue.path.join('.')})`;
    throw new HandrailError('config', `${path} is no report of handrail eval${where}.`, {
      hint: 'Give a file that `handrail eval --out FILE` wrote.',
      location: { path },
    });
  }
  // The grammar has just said what the values are; TypeScript minds that it may spell out absent keys as undefined.
  const { cases, caseSet, ...measured } = parsed.data as unknown as EvalReport;
  return { ...reportOf(measured, cases, cases), caseSet, complete: cases.length === caseSet.bugs + caseSet.clean };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
