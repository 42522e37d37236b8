import { SEVERITIES, type Finding, type ReviewResult, type Severity } from '../../core/ai/finding.ts';
import type { ReviewRequest } from '../../core/ai/service.ts';
import { HandrailError } from '../../core/errors.ts';
import { defineCommand, type Answer, type Context } from '../command.ts';
import { workspacePath } from '../paths.ts';
import { runReview } from '../reviewRun.ts';

const SCOPES = ['file', 'working', 'staged', 'branch'] as const;

export const command = defineCommand({
  name: 'review',
  usage:
    '[PATH…] [--scope file|working|staged|branch] [--base REF] [--role ROLE|--model NAME] [--fail-on SEVERITY] [--no-cache] [--dry-run]',
  summary: 'review a file, the working tree or the branch',
  details: [
    'With paths, reviews these files (scope file); without, what changed on the branch since its base, uncommitted work included',
    '(scope branch). Scope working: what changed since the last commit; staged: what the next commit would',
    'hold. Findings appear as they are found.',
    'Says which reviewer answered and why. Without a configured model the built-in reviewer answers and nothing leaves the machine.',
    'Exits 1 only when --fail-on is given and a finding is at least that severe.',
  ],
  options: {
    scope: { type: 'string', choices: SCOPES, summary: 'what is reviewed' },
    base: { type: 'string', value: 'REF', summary: 'count changes against this branch or commit' },
    role: { type: 'string', value: 'ROLE', summary: 'the role of models.yml that answers (default: review)' },
    model: {
      type: 'string',
      value: 'NAME',
      summary: 'this model of models.yml, an assistant (claude-code, codex, gemini-cli), or builtin',
    },
    'fail-on': { type: 'string', choices: SEVERITIES, summary: 'exit 1 when a finding is this severe or worse' },
    'no-cache': { type: 'boolean', summary: 'ask about everything again, also about what did not change since the last review' },
    'dry-run': { type: 'boolean', summary: 'show what would be sent, and where; send nothing' },
  },
  positionals: { name: 'PATH', min: 0, max: Number.POSITIVE_INFINITY },
  formats: ['text', 'json', 'sarif'],
  async run(context, options, positionals) {
    const paths = positionals.map((path) => workspacePath(context, path));
    const request = requestOf(paths, options);
    const service = await context.services.review();
    if (options['dry-run']) {
      const { showPreview } = await import('../reviewPreview.ts');
      return showPreview(context, service, request);
    }
    const { result } = await runReview(context, service, request);
    if (context.format === 'json') context.terminal.document(result);
    if (context.format === 'sarif') await sarif(context, result);
    return failsOn(result.findings, options['fail-on']);
  },
});

function requestOf(
  paths: string[],
  options: {
    scope: string | undefined;
    base: string | undefined;
    role: string | undefined;
    model: string | undefined;
    'no-cache': boolean;
  },
): ReviewRequest {
  const { base, role, model } = options;
  if (role !== undefined && model !== undefined) {
    throw new HandrailError('usage', '--role and --model exclude each other.', { hint: 'Give one of them.' });
  }
  const scope = SCOPES.find((known) => known === options.scope) ?? (paths.length > 0 ? 'file' : 'branch');
  if (scope === 'file' && paths.length === 0) {
    throw new HandrailError('usage', '--scope file needs at least one path.', { hint: 'Name the file: handrail review src/cart.ts' });
  }
  if (scope !== 'branch' && base !== undefined) {
    throw new HandrailError('usage', `--base has no meaning with --scope ${scope}.`, {
      hint: 'Leave it out, or review with --scope branch.',
    });
  }
  return {
    scope,
    paths,
    ...(base === undefined ? {} : { base }),
    ...(role === undefined ? {} : { role }),
    ...(model === undefined ? {} : { model }),
    ...(options['no-cache'] ? { fresh: true } : {}),
  };
}

async function sarif({ terminal }: Context, result: ReviewResult): Promise<void> {
  const [{ toSarif }, { VERSION }] = await Promise.all([import('../../core/ai/review/sarif.ts'), import('../version.ts')]);
  terminal.document(toSarif(result, VERSION));
}

/** Severities are ordered from the worst. */
function failsOn(findings: readonly Finding[], threshold: string | undefined): Answer {
  const limit = SEVERITIES.findIndex((severity) => severity === threshold);
  const rank = (severity: Severity): number => SEVERITIES.indexOf(severity);
  return limit >= 0 && findings.some(({ severity }) => rank(severity) <= limit) ? 1 : 0;
}
