import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { GenerateRequest, GenerateTarget } from '../../core/ai/generate/generation.ts';
import { HandrailError } from '../../core/errors.ts';
import { defineCommand, type Answer, type Context, type OptionValues } from '../command.ts';
import { answerOf, generateDocument, runGenerate, showGeneratePreview, showPatch, showWritten, writeChanges } from '../generateRun.ts';
import { runGenerateStep, stepRequest } from '../generateStep.ts';
import { workspacePath } from '../paths.ts';
import { findStep, requireStartableStep, RUN_OPTIONS, runChoice } from '../steps.ts';

const OPTIONS = {
  prompt: { type: 'string', value: 'FILE', summary: 'a .prompt.md file that sets the task' },
  step: { type: 'string', value: 'STEP', summary: 'a generate step of the workflow: its prompt, and what it reads' },
  instruction: { type: 'string', value: 'TEXT', summary: 'the task, or what the prompt file should know besides' },
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
  usage: '(--prompt FILE|--step STEP|--instruction TEXT) [--file PATH[:L1[-L2]]]… [--role ROLE|--model NAME] [--apply] [--dry-run]',
  summary: 'let a model write code: a patch on stdout, or written with --apply',
  details: [
    'Prints a patch that git apply takes; nothing is written unless --apply is given. What the model says, what it read and what',
    'could not be placed goes to stderr. An edit is placed only where every line that it replaces stands in the file as quoted.',
    'With --step and --apply the step is recorded. Files that run by themselves or steer assistants (editor settings, CI, git hooks,',
    'AGENTS.md, .handrail/) are changed only when you name them with --file.',
    'Exits 1 when there is nothing to write. Needs a model; the built-in reviewer does not write code.',
  ],
  options: OPTIONS,
  positionals: { name: 'nothing', min: 0, max: 0 },
  formats: ['text', 'json'],
  async run(context, options) {
    refuseMixed(options);
    if (options.step !== undefined) return await forStep(context, options, options.step);
    const request = {
      ...requestOf(context, options),
      ...(options.prompt === undefined ? {} : { prompt: workspacePath(context, options.prompt) }),
    };
    if (request.prompt === undefined && request.instruction === undefined) {
      throw new HandrailError('usage', 'There is nothing to generate.', {
        hint: 'Give --prompt FILE, --step STEP or --instruction TEXT; handrail generate --help tells more.',
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

function refuseMixed({ prompt, step, role, model, apply, 'dry-run': dryRun }: Options): void {
  const pairs = [
    ['--prompt', prompt, '--step', step],
    ['--role', role, '--model', model],
    ['--apply', apply || undefined, '--dry-run', dryRun || undefined],
  ] as const;
  for (const [one, first, other, second] of pairs) {
    if (first !== undefined && second !== undefined) {
      throw new HandrailError('usage', `${one} and ${other} exclude each other.`, { hint: 'Give one of them.' });
    }
  }
}

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
