import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DraftKind } from '../../core/ai/draft/draft.ts';
import type { GenerateRequest, GenerateTarget } from '../../core/ai/generate/generation.ts';
import { HandrailError } from '../../core/errors.ts';
import { defineCommand, type Answer, type Context, type OptionValues } from '../command.ts';
import { answerOf, generateDocument, runGenerate, showGeneratePreview, showPatch, showWritten, writeChanges } from '../generateRun.ts';
import { runGenerateStep, stepRequest } from '../generateStep.ts';
import { runDraft } from '../draftRun.ts';
import { workspacePath } from '../paths.ts';
import { findStep, requireStartableStep, RUN_OPTIONS, runChoice } from '../steps.ts';
import { printableLine } from '../text/printable.ts';

const OPTIONS = {
  prompt: { type: 'string', value: 'FILE', summary: 'a .prompt.md file that sets the task' },
  step: { type: 'string', value: 'STEP', summary: 'a generate step of the workflow: its prompt, and what it reads' },
  instruction: { type: 'string', value: 'TEXT', summary: 'the task, or what the prompt file should know besides' },
  'tests-for': { type: 'string', value: 'FILE', summary: 'tests of this file, where the project has its tests' },
  'commit-message': { type: 'boolean', summary: 'print a commit message for what is staged, or else for all changes' },
  'pull-request': { type: 'boolean', summary: 'print a description of the branch, with how its steps stand below it' },
  base: { type: 'string', value: 'REF', summary: 'with --pull-request: what the branch is compared with' },
  file: {
    type: 'string',
    value: 'PATH[:L1[-L2]]',
    multiple: true,
    summary: 'show this file; with lines, change them (L1-L2) or insert there (L1)',
  },
  input: { type: 'string', value: 'NAME=VALUE', multiple: true, summary: 'value of ${input:NAME} in the prompt file' },
  role: { type: 'string', value: 'ROLE', summary: 'the role of models.yml that answers (default: generate)' },
  model: { type: 'string', value: 'NAME', summary: 'this model of models.yml' },
  apply: { type: 'boolean', summary: 'write the changes, all or none' },
  'dry-run': { type: 'boolean', summary: 'show what would be sent, and where; send nothing' },
  ...RUN_OPTIONS,
} as const;
type Options = OptionValues<typeof OPTIONS>;

export const command = defineCommand({
  name: 'generate',
  usage:
    '(--prompt FILE|--step STEP|--instruction TEXT|--tests-for FILE|--commit-message|--pull-request) [--file PATH[:L1[-L2]]]… [--role ROLE|--model NAME] [--apply] [--dry-run]',
  summary: 'let a model write code: a patch on stdout, or written with --apply',
  details: [
    'Prints a patch that git apply takes; nothing is written unless --apply is given. What the model says, what it read and what',
    'could not be placed goes to stderr. An edit is placed only where every line that it replaces stands in the file as quoted.',
    'With --step and --apply the step is recorded. Files that run by themselves or steer assistants (editor settings, CI, git hooks,',
    'AGENTS.md, .handrail/) are changed only when you name them with --file.',
    '--commit-message and --pull-request print text on stdout and change nothing: git commit -F - takes the first, and the second ends',
    'with the block of handrail summary, which no model writes. --instruction says what they should know besides.',
    'Exits 1 when there is nothing to write. Needs a model; the built-in reviewer does not write code.',
  ],
  options: OPTIONS,
  positionals: { name: 'nothing', min: 0, max: 0 },
  formats: ['text', 'json'],
  async run(context, options) {
    refuseMixed(options);
    if (options.step !== undefined) return await forStep(context, options, options.step);
    const draft = draftKind(options);
    if (draft !== undefined) return await forDraft(context, options, draft);
    const request = {
      ...(await wantedRequest(context, options)),
      ...(options.prompt === undefined ? {} : { prompt: workspacePath(context, options.prompt) }),
    };
    if (request.prompt === undefined && request.instruction === undefined) {
      throw new HandrailError('usage', 'There is nothing to generate.', {
        hint: 'Give --prompt FILE, --step STEP, --instruction TEXT, --tests-for FILE, --commit-message or --pull-request.',
      });
    }
    const service = await context.services.generate();
    if (options['dry-run']) return await showGeneratePreview(context, service, request);
    const result = await runGenerate(context, service, request);
    if (options.apply) await writeChanges(service, result);
    if (context.format === 'json') context.terminal.document(generateDocument(result, options.apply && result.changes.length > 0));
    else if (options.apply) showWritten(context, result);
    else showPatch(context, result);
    return answerOf(result);
  },
});

function draftKind(options: Options): DraftKind | undefined {
  if (options['commit-message']) return 'commit-message';
  return options['pull-request'] ? 'pull-request' : undefined;
}

async function forDraft(context: Context, options: Options, kind: DraftKind): Promise<Answer> {
  const { instruction, base, role, model } = options;
  const request = {
    kind,
    ...(instruction === undefined ? {} : { hint: instruction }),
    ...(base === undefined ? {} : { base }),
    ...(role === undefined ? {} : { role }),
    ...(model === undefined ? {} : { model }),
  };
  return await runDraft(context, request, { choice: runChoice(options), dryRun: options['dry-run'] });
}

/** What the options say, with what tests of a file need. */
async function wantedRequest(context: Context, options: Options): Promise<GenerateRequest> {
  const request = requestOf(context, options);
  const tested = options['tests-for'];
  if (tested === undefined) return request;
  const { testsRequest } = await import('../../node/ai/testsRequest.ts');
  const more = request.instruction ?? '';
  const { request: tests, place } = await testsRequest(workspacePath(context, tested), { root: context.root, more });
  context.terminal.note(`Tests go to ${printableLine(place.path)}: ${printableLine(place.because)}`);
  return { ...request, ...tests, files: [...(tests.files ?? []), ...(request.files ?? [])] };
}

async function forStep(context: Context, options: Options, stepId: string): Promise<Answer> {
  const choice = runChoice(options);
  const { status: run, step } = await findStep(await context.services.workflow(), stepId, choice);
  const fromStep = stepRequest(step);
  const own = requestOf(context, options);
  // A model that was asked for by name answers instead of the step's role.
  const request: GenerateRequest = { ...fromStep, ...own };
  if (own.model !== undefined) delete request.role;
  if (options['dry-run']) return await showGeneratePreview(context, await context.services.generate(), request);
  requireStartableStep(step);
  if (options.apply) return await runGenerateStep(context, { run, step, choice, request, accept: 'yes' });
  const result = await runGenerate(context, await context.services.generate(), request);
  if (context.format === 'json') context.terminal.document(generateDocument(result, false));
  else showPatch(context, result);
  return answerOf(result);
}

function refuseMixed(options: Options): void {
  const { role, model, apply, 'dry-run': dryRun, base, file, input } = options;
  const tasks = (['--prompt', '--step', '--tests-for', '--commit-message', '--pull-request'] as const).filter((name) => {
    const value = options[TASKS[name]];
    return value !== undefined && value !== false;
  });
  const draft = tasks.find((name) => name === '--commit-message' || name === '--pull-request');
  const pairs = [
    [tasks[0], tasks[0], tasks[1], tasks[1]],
    ['--role', role, '--model', model],
    ['--apply', apply || undefined, '--dry-run', dryRun || undefined],
    [draft, draft, '--apply', apply || undefined],
    [draft, draft, '--file', file[0]],
    [draft, draft, '--input', input[0]],
  ] as const;
  for (const [one = '', first, other = '', second] of pairs) {
    if (first !== undefined && second !== undefined) {
      throw new HandrailError('usage', `${one} and ${other} exclude each other.`, { hint: 'Give one of them.' });
    }
  }
  if (base !== undefined && draft !== '--pull-request') {
    throw new HandrailError('usage', '--base is for --pull-request.', { hint: 'Leave it out, or add --pull-request.' });
  }
}

const TASKS = {
  '--prompt': 'prompt',
  '--step': 'step',
  '--tests-for': 'tests-for',
  '--commit-message': 'commit-message',
  '--pull-request': 'pull-request',
} as const;

function requestOf(context: Context, { instruction, file, input, role, model }: Options): GenerateRequest {
  const files = file.map((typed) => parsePlace(context, typed));
  const places = files.flatMap(({ at }) => at ?? []);
  const [at] = places;
  if (places.length > 1) {
    throw new HandrailError('usage', 'Only one --file can have lines.', { hint: 'Name the others without lines.' });
  }
  const others = files.filter((one) => one.at === undefined).map(({ path }) => path);
  return {
    ...(instruction === undefined ? {} : { instruction }),
    ...(at === undefined ? {} : { at }),
    ...(others.length === 0 ? {} : { files: others }),
    ...(input.length === 0 ? {} : { inputs: Object.fromEntries(input.map(parseInput)) }),
    ...(role === undefined ? {} : { role }),
    ...(model === undefined ? {} : { model }),
  };
}

/** `src/a.ts`, `src/a.ts:12` (a cursor) or `src/a.ts:12-20` (a selection). A file whose name really ends so is meant first. */
function parsePlace(context: Context, typed: string): { path: string; at?: GenerateTarget } {
  const match = existsSync(resolve(context.cwd, typed)) ? null : /^(.+):(\d{1,9})(?:-(\d{1,9}))?$/su.exec(typed);
  if (!match) return { path: workspacePath(context, typed) };
  const path = workspacePath(context, match[1] ?? '');
  const startLine = Number(match[2]);
  const endLine = match[3] === undefined ? startLine : Number(match[3]);
  if (startLine < 1 || endLine < startLine) {
    throw new HandrailError('usage', `--file ${typed} names no lines.`, {
      hint: 'Lines count from 1, the smaller first: --file src/cart.ts:10-14',
    });
  }
  return { path, at: { file: path, startLine, endLine, selected: match[3] !== undefined } };
}

function parseInput(typed: string): [string, string] {
  const at = typed.indexOf('=');
  if (at < 1) throw new HandrailError('usage', `--input ${typed} has no value.`, { hint: 'Write --input NAME=VALUE.' });
  return [typed.slice(0, at), typed.slice(at + 1)];
}
