import { resolve } from 'node:path';
import { failureOf, HandrailError } from '../../core/errors.ts';
import type { ActorKind, InitOptions, InitResult, WorkflowService } from '../../core/workflow/service.ts';
import { TEMPLATES } from '../../core/workflow/templates.ts';
import { ASSISTANT_NAMES, offerToTellAgents, tellAgents } from '../agentsOffer.ts';
import { placeOfRepository } from '../../node/git/place.ts';
import { planAgentFiles } from '../../node/workflow/agentFiles.ts';
import { workspaceFiles } from '../../node/workspaceFiles.ts';
import { type Context, defineCommand } from '../command.ts';
import { printableData } from '../text/printable.ts';

const LONGEST = Math.max(...TEMPLATES.map(({ name }) => name.length));

export const command = defineCommand({
  name: 'init',
  usage: '[--template NAME] [--from FILE…] [--agents] [--stop-hook ASSISTANT] [--pre-push-hook]',
  summary: 'write a working .handrail/ folder',
  details: [
    'Writes a workflow to start with and never overwrites a file. Without options: three steps (the tests of the project as found,',
    'AI review, a self-check); nothing blocks. --from turns task lists of Markdown files (a pull-request template, a CONTRIBUTING',
    'checklist) into steps: every box is kept, and ticked boxes are recorded as checked by whoever runs this.',
    '--agents writes a paragraph into AGENTS.md that tells AI agents about the workflow, and --stop-hook a script that keeps an assistant',
    'going while steps are left that it may do; both leave what is there as it is, and take effect where there is a workflow already. On',
    'a terminal both are shown and asked for.',
    '--pre-push-hook writes a hook into your own git folder that looks at a branch before it is pushed (handrail verify, approvals left',
    'out). It is shown first on a terminal, a hook that is there stays, and git push --no-verify goes past it.',
    '',
    'Templates:',
    ...TEMPLATES.map(({ name, description }) => `  ${name.padEnd(LONGEST)}  ${description}`),
  ],
  options: {
    template: { type: 'string', choices: TEMPLATES.map(({ name }) => name), value: 'NAME', summary: 'start from this template' },
    from: { type: 'string', multiple: true, value: 'FILE', summary: 'import the task lists of this file; more files may follow' },
    agents: { type: 'boolean', summary: 'write a paragraph about the workflow into AGENTS.md' },
    'stop-hook': {
      type: 'string',
      multiple: true,
      choices: ASSISTANT_NAMES,
      value: 'ASSISTANT',
      summary: 'write the stop hook for this assistant; may be given again',
    },
    'pre-push-hook': { type: 'boolean', summary: 'look at a branch before it is pushed, by a git hook of your own' },
  },
  positionals: { name: 'FILE', min: 0, max: Number.POSITIVE_INFINITY },
  formats: ['text', 'json'],
  async run(context, { template, from, agents, 'stop-hook': stopHook, 'pre-push-hook': prePush }, positionals) {
    const { terminal, format, root } = context;
    const files = importedFiles(context, from, positionals);
    const told = agents || stopHook.length > 0;
    // Looked at first: when it cannot be done, nothing at all is written.
    if (told) planAgentFiles(root, { paragraph: agents, stopHook });
    const result: InitResult = { written: [], kept: [], notes: [] };
    const wantsWorkflow = (!told && !prePush) || template !== undefined || files.length > 0 || !hasWorkflows(root);
    if (wantsWorkflow) await writeWorkflow(context, { ...(template === undefined ? {} : { template }), from: files }, result);
    if (told) {
      const { changes, kept, notes } = await tellAgents(root, { paragraph: agents, stopHook });
      result.written.push(...changes.map(({ path }) => path));
      result.kept.push(...kept);
      result.notes.push(...notes);
    }
    if (prePush) {
      const { offerPrePushHook } = await import('../prePushOffer.ts');
      const { written, kept, notes } = await offerPrePushHook(context);
      result.written.push(...written);
      result.kept.push(...kept);
      result.notes.push(...notes);
    }
    if (placeOfRepository(root) === '') result.notes.push('This folder is in no git repository yet, and a workflow follows a branch.');
    if (format === 'json') {
      terminal.document(result);
      return 0;
    }
    const { written, kept, notes } = printableData(result);
    for (const path of written) terminal.line(`${terminal.style('green', 'written')}  ${path}`);
    for (const path of kept) terminal.line(`${terminal.style('dim', 'kept')}     ${path}`);
    for (const note of notes) terminal.line(note);
    if (!told && !prePush) {
      await offerToTellAgents(context);
      if (placeOfRepository(root) !== '')
        terminal.line('A look at each branch before it is pushed, by a git hook of your own: handrail init --pre-push-hook');
    }
    if (wantsWorkflow && written.length > 0) {
      const next = placeOfRepository(root) === '' ? 'git init, then handrail status' : 'handrail status';
      terminal.line(`\nNext: ${terminal.style('cyan', next)}`);
    }
    return 0;
  },
});

function importedFiles({ cwd }: Context, from: readonly string[], positionals: readonly string[]): string[] {
  if (positionals.length > 0 && from.length === 0) {
    throw new HandrailError('usage', `handrail init does not take ${JSON.stringify(positionals[0])}.`, {
      hint: `Import a task list with --from ${positionals[0]}.`,
    });
  }
  return [...from, ...positionals].map((path) => resolve(cwd, path));
}

function hasWorkflows(root: string): boolean {
  return workspaceFiles(root)
    .list('.handrail/workflows')
    .some((name) => /\.ya?ml$/.test(name));
}

/** Adds what was written to the result. */
async function writeWorkflow({ services, actor }: Context, { template, from }: InitOptions, result: InitResult): Promise<void> {
  const service = await services.workflow();
  const initialised = await service.init({
    ...(template === undefined ? {} : { template }),
    ...(from === undefined || from.length === 0 ? {} : { from }),
  });
  Object.assign(result, initialised, { notes: [...initialised.notes, ...(await recordTicks(service, initialised.done ?? [], actor))] });
}

/** Turns the ticked boxes of an import into records. Returns a sentence for those that could not be recorded. */
async function recordTicks(service: WorkflowService, done: NonNullable<InitResult['done']>, actor: ActorKind): Promise<string[]> {
  const open: string[] = [];
  let because = '';
  for (const { workflow, steps } of done) {
    for (const id of steps) {
      try {
        await service.check(id, { actor, workflow });
      } catch (error) {
        const failure = failureOf(error);
        if (failure === undefined) throw error;
        open.push(id);
        because = failure.message;
      }
    }
  }
  if (open.length === 0) return [];
  return [`Ticked in the list, but not recorded: ${open.join(', ')}. ${because} Check them with handrail check STEP.`];
}
