import { z } from 'zod';
import { SEVERITIES } from '../ai/finding.ts';

/**
 * The grammar of a workflow file, the one source of its diagnostics (`parse.ts`) and of the JSON Schema (`jsonSchema.ts`). Messages of
 * refinements end a sentence that begins with the key.
 */

const text = z.string().regex(/\S/, 'must not be empty');
export const stepId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be lower-case letters, digits and hyphens, begin with a letter and have at most 64 characters');
const role = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'must be a name of letters, digits, - and _')
  .describe('A role of .handrail/models.yml, which says what model answers');
const count = z.int().min(0, 'must not be negative');
/** Globs and expressions have codes of their own for what is wrong with them, an empty one included (`checks.ts`). */
const glob = z.string();
const expression = z
  .string()
  .describe('An expression (CEL) over branch, base, changes, added, deleted, lines, labels, vars, env.CI and glob(path, pattern)');

const ceilings = <K extends string>(keys: readonly K[]) =>
  z
    .strictObject(Object.fromEntries(keys.map((key) => [key, count.optional()])) as Record<K, z.ZodOptional<typeof count>>)
    .refine((value) => Object.keys(value).length > 0, 'must name at least one severity');

/** Variables are checked in the order in which they use each other, each with the types of all others. */
export const MAX_VARS = 200;

/** Keys of an expectation, of which a list item has one; `sections` goes with `file`. */
export const EXPECTATION_KEYS = [
  'file',
  'changed',
  'exit',
  'findings',
  'diagnostics',
  'attest',
  'clean',
  'commit',
  'coverage-receipt',
] as const;

export const expectation = z
  .strictObject({
    file: text.describe('The file exists; ${branch} stands for the branch slug, such as feat-login').optional(),
    sections: z.array(text).min(1, 'must name at least one heading').describe('Headings that the file has, of any level').optional(),
    changed: glob.describe('Some changed path matches this glob').optional(),
    exit: z
      .int()
      .min(0, 'must be between 0 and 255')
      .max(255, 'must be between 0 and 255')
      .describe('The command ended with this code')
      .optional(),
    findings: ceilings(SEVERITIES).describe('The review left no more open findings than these, by severity').optional(),
    diagnostics: ceilings(['error', 'warning', 'info', 'hint'])
      .describe('The editor showed no more problems than these, by severity, when the step was checked')
      .optional(),
    attest: text.describe('A person said so: the sentence they confirm').optional(),
    clean: z.literal(true).describe('Nothing is uncommitted').optional(),
    commit: glob.describe("The subject of the branch's last commit matches this glob").optional(),
    'coverage-receipt': z.literal('full').describe('The review read everything it was asked to').optional(),
  })
  .superRefine((value, context) => {
    const present = EXPECTATION_KEYS.filter((key) => Object.hasOwn(value, key));
    if (present.length > 1) {
      const params = { hint: 'Write each expectation as its own list item.' };
      context.addIssue({ code: 'custom', message: `holds several expectations (${present.join(', ')})`, params });
    } else if (present.length === 0 && 'sections' in value) {
      context.addIssue({ code: 'custom', path: ['file'], message: 'is missing' });
    } else if (present.length === 0) {
      context.addIssue({ code: 'custom', message: `must name one of ${EXPECTATION_KEYS.join(', ')}` });
    } else if ('sections' in value && present[0] !== 'file') {
      context.addIssue({ code: 'custom', path: ['sections'], message: 'belongs to a file', params: { code: 'unknown-key' } });
    }
  });

const approver = z
  .string()
  .regex(
    /^(?:codeowners|author|agent|@[A-Za-z0-9][\w.-]*(?:\/[\w.-]+)?|[^\s@]+@[^\s@]+)$/,
    'must be codeowners, author, agent, @user, @org/team or an e-mail address',
  );
const approvers = z.strictObject({
  'any-of': z
    .array(approver.refine((name) => name !== 'agent', 'must not be agent: an agent never approves'))
    .min(1, 'must name at least one approver')
    .describe('One of these has to: codeowners, @user, @org/team or an e-mail address'),
  not: z.array(approver).describe('None of these counts, such as author and agent').optional(),
});

const common = {
  id: stepId.describe('Name of the step, used by needs'),
  title: text.describe('What to do, shown in the list'),
  why: text.describe('Why the step exists, shown wherever it is').optional(),
  learn: text.describe('What to read about it: a document of the repository or an https address').optional(),
  needs: z.array(text).describe('Ids of the steps that come before; one that is skipped satisfies it').optional(),
  when: expression.describe('An expression; the step is skipped when it is false, and applies when it fails').optional(),
  expect: z.array(expectation).describe('What must hold for the step to be done').optional(),
  inputs: z
    .array(glob)
    .min(1, 'must name at least one glob')
    .describe('Globs that limit what its evidence covers; of a generate step, the files that are shown to the model')
    .optional(),
  protects: z
    .array(glob)
    .describe('Globs of files that guard the step, such as test set-up: changed with it, it is not verified')
    .optional(),
  final: z.boolean().describe('An overlay can neither remove nor weaken it').optional(),
};

const performer = z
  .literal('agent')
  .describe('An agent may do the step and say so itself, through MCP as well; never where a person has to attest');

/** How a step is performed by machines, not what it means: neither key makes a failed step count as done. */
const performance = {
  retry: z
    .int()
    .min(0, 'must be between 0 and 5')
    .max(5, 'must be between 0 and 5')
    .describe('How many more times it is tried when its command fails or its model cannot be reached; 0 when absent')
    .optional(),
  'continue-on-failure': z
    .boolean()
    .describe('When it fails, a run of several steps goes on with those that do not need it; it is not done all the same')
    .optional(),
};

const own = {
  manual: { performer: performer.optional() },
  command: {
    ...performance,
    run: text.describe('Shell text, run at the root of the repository, never interpolated: values arrive as environment variables'),
  },
  generate: {
    ...performance,
    prompt: text.describe('A .prompt.md file of the repository'),
    role: role.optional(),
    performer: performer.optional(),
  },
  review: {
    ...performance,
    role: role.optional(),
    scope: z.enum(['file', 'working', 'staged', 'branch']).describe('What is reviewed; branch when absent').optional(),
    require: z.literal('model').describe('The built-in reviewer alone does not settle the step').optional(),
    'independent-of': z.array(text).describe('Steps whose model must not review').optional(),
  },
  approval: { by: approvers.describe('Who may approve; never an agent') },
} as const;

const WHO_OR_WHAT = 'Who or what does it, which decides what the step may have';
const kindOf = <K extends string>(kind: K) => z.literal(kind).describe(WHO_OR_WHAT);
const step = z.discriminatedUnion('kind', [
  z.strictObject({ kind: kindOf('manual'), ...common, ...own.manual }).describe('A person does it and ticks it'),
  z.strictObject({ kind: kindOf('command'), ...common, ...own.command }).describe('A command runs'),
  z.strictObject({ kind: kindOf('generate'), ...common, ...own.generate }).describe('A model writes'),
  z.strictObject({ kind: kindOf('review'), ...common, ...own.review }).describe('A model or the built-in reviewer reads'),
  z.strictObject({ kind: kindOf('approval'), ...common, ...own.approval }).describe('Someone other than the author approves'),
]);

const optional = <T extends Record<string, z.ZodType>>(shape: T) =>
  Object.fromEntries(Object.entries(shape).map(([key, schema]) => [key, schema.optional()])) as { [K in keyof T]: z.ZodOptional<T[K]> };

/** Every key some kind of step has, none but the id required: for overlays. */
export const looseStep = z.strictObject({
  kind: z.enum(['manual', 'command', 'generate', 'review', 'approval']).describe(WHO_OR_WHAT).optional(),
  ...optional(common),
  id: common.id,
  ...optional(own.manual),
  ...optional(own.command),
  ...optional(own.generate),
  ...optional(own.review),
  ...optional(own.approval),
  remove: z.literal(true).describe('Takes the step out of the workflow this one extends').optional(),
});

/** A step whose kind is not known: what every step needs is asked for, what only some kinds have is allowed. */
export const kindlessStep = looseStep.required({ title: true }).omit({ kind: true });

const header = {
  version: z.literal(1).describe('Version of the language: 1'),
  id: stepId.describe('Name of the workflow: lower-case letters, digits and hyphens'),
  title: text.describe('What the workflow is called where people see it'),
  on: z
    .strictObject({
      branches: z.array(glob).min(1, 'must name at least one glob').describe('Globs of branch names, such as feat/**'),
    })
    .describe('Branches that follow it; every branch when absent. The first file by name that matches is followed')
    .optional(),
  extends: z
    .array(text)
    .describe('Workflow files this one builds on: relative to it, or owner/repository//path.yml@tag of another repository')
    .optional(),
  evidence: z
    .enum(['local', 'tracked'])
    .describe('Where records are kept: local (the default) in the git folder, never committed; tracked under .handrail/evidence/')
    .optional(),
  vars: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'Use letters, digits and _, beginning with a letter.'), expression)
    .refine((vars) => Object.keys(vars).length <= MAX_VARS, `must hold at most ${MAX_VARS} variables`)
    .describe('Expressions by name, used as vars.name')
    .optional(),
  waive: z
    .strictObject({
      require: z.literal('reason').describe('Skipping takes a reason; there is none without').optional(),
      expires: z
        .string()
        .regex(/^(?:[1-9]|[1-8][0-9]|90)d$/, 'must be a number of days from 1d to 90d')
        .describe('How long a step is skipped where nobody says, and at most: 1d to 90d; 14 and 90 days when absent')
        .optional(),
      by: approvers.describe('Whose proof it takes in CI. An approval takes that of those in its own by').optional(),
    })
    .describe('How a step may be skipped with a reason')
    .optional(),
};

const STEPS = 'What is to be done, in the order it is shown';
/** A complete workflow. */
export const workflowSchema = z.strictObject({ ...header, steps: z.array(step).min(1, 'must hold at least one step').describe(STEPS) });
/** A workflow that extends others: its steps may leave out what the steps of the same id have there. */
export const overlaySchema = z.strictObject({ ...header, steps: z.array(looseStep).describe(STEPS) });
export const stepSchema = step;

export type RawWorkflow = z.infer<typeof workflowSchema>;
export type RawStep = z.infer<typeof stepSchema>;
export type RawLooseStep = z.infer<typeof looseStep>;
export type RawExpectation = z.infer<typeof expectation>;

/** Kinds of step that have a key, for keys that only some have. */
export function kindsWith(key: string): string[] {
  return Object.entries(own).flatMap(([kind, shape]) => (Object.hasOwn(shape, key) ? [kind] : []));
}
