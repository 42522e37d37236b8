import { z } from 'zod';
import { SEVERITIES } from '../finding.ts';
import { diffHunks } from '../review/hunks.ts';
import { problemAt } from '../../workflow/problem.ts';
import type { Problem } from '../../workflow/problem.ts';
import { grammarProblems } from '../../yaml/grammarProblems.ts';
import { parseLocatedYaml } from '../../yaml/locatedYaml.ts';
import type { LocatedYaml } from '../../yaml/locatedYaml.ts';
import { BUG_CATEGORIES, EVAL_LANGUAGES, LANGUAGE_NAMES, placesOf, type EvalCase, type EvalLanguage } from './case.ts';

/** The grammar of a case, `examples/eval/<language>/<id>.yml`. Messages end a sentence that begins with the key. */

const text = z.string().regex(/\S/, 'must not be empty');
const oneLine = text.regex(/^[^\n]*$/, 'must be one line');
const caseSchema = z.strictObject({
  title: oneLine.describe('What the change is meant to do'),
  path: z.string().regex(/^(?!\/)(?:[\w.-]+\/)*[\w.-]+$/, 'must be a relative path such as src/cart.ts'),
  before: z.string().describe('The file before the change; empty for a new file'),
  after: text,
  bug: z
    .strictObject({
      category: z.enum(BUG_CATEGORIES),
      severity: z.enum(SEVERITIES),
      quote: text.describe('The wrong lines of "after"'),
      also: z.array(text).min(1).describe('Other lines where a right finding may stand').optional(),
      about: z.array(oneLine).min(1, 'must name at least one word').describe('Words one of which a right finding mentions'),
    })
    .optional(),
});

/** Words that would tell a reviewer where to look, or that there is nothing to look for. */
const GIVES_AWAY =
  /\b(?:bugs?|fixme|xxx|buggy|intentional(?:ly)?|on purpose|seeded|vulnerab\w*|(?:no|not a) (?:bug|problem|race|leak))\b/iu;

/**
 * Reads a case from its file `<language>/<id>.yml`, named relative to the folder of the cases with `/`. Never throws; the case is
 * present when there is no problem.
 */
export function parseCase(file: string, source: string): { case?: EvalCase; problems: Problem[] } {
  const yaml = parseLocatedYaml(source);
  if (yaml.broken) return { problems: yaml.problems };
  const named = /^([a-z]+)\/([a-z0-9]+(?:-[a-z0-9]+)*)\.yml$/.exec(file);
  const language = LANGUAGE_NAMES.find((known) => known === named?.[1]);
  const id = named?.[2];
  if (language === undefined || id === undefined) {
    const message = `A case stands in <language>/<id>.yml with one of the languages ${LANGUAGE_NAMES.join(', ')}, not in ${file}.`;
    return { problems: [problemAt(yaml.text, { start: 0, end: 0 }, 'bad-value', message)] };
  }
  const parsed = caseSchema.safeParse(yaml.value);
  const problems = [...yaml.problems, ...grammarProblems(caseSchema, yaml, parsed)];
  if (!parsed.success || problems.length > 0) return { problems };
  const { bug, ...change } = parsed.data;
  const read: EvalCase = { id, language, ...change, ...(bug === undefined ? {} : { bug: { ...bug, also: bug.also ?? [] } }) };
  problems.push(...contentProblems(yaml, read, language));
  return problems.length === 0 ? { case: read, problems } : { problems };
}

/** What a grammar cannot say. */
function contentProblems(yaml: LocatedYaml, { path, before, after, bug }: EvalCase, language: EvalLanguage): Problem[] {
  const problems: Problem[] = [];
  const report = (at: readonly (string | number)[], message: string): void => {
    problems.push(problemAt(yaml.text, yaml.spanOf(at), 'bad-value', message));
  };
  const endings: readonly string[] = EVAL_LANGUAGES[language];
  if (!endings.includes(path.slice(path.lastIndexOf('.') + 1))) report(['path'], `"path" must end in ${endings.join(' or ')}.`);
  if (diffHunks(before, after, 0).length === 0) report(['after'], '"after" must differ from "before".');
  for (const [key, side] of Object.entries({ before, after })) {
    const word = GIVES_AWAY.exec(side)?.[0];
    if (word !== undefined) report([key], `"${key}" gives the answer away: ${word}.`);
  }
  const quotes = bug === undefined ? [] : [{ at: ['bug', 'quote'], quote: bug.quote }, ...also(bug.also)];
  for (const { at, quote } of quotes) {
    const places = placesOf(quote, after).length;
    if (places !== 1) report(at, `The quoted lines must stand exactly once in "after", not ${places} times.`);
  }
  return problems;
}

function also(quotes: readonly string[]): { at: (string | number)[]; quote: string }[] {
  return quotes.map((quote, index) => ({ at: ['bug', 'also', index], quote }));
}
