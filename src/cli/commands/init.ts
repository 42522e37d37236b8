import { resolve } from 'node:path';
import { failureOf, HandrailError } from '../../core/errors.ts';
import type { ActorKind, InitResult, WorkflowService } from '../../core/workflow/service.ts';
import { TEMPLATES } from '../../core/workflow/templates.ts';
import { defineCommand } from '../command.ts';
import { printableData } from '../text/printable.ts';

const LONGEST = Math.max(...TEMPLATES.map(({ name }) => name.length));

export const command = defineCommand({
  name: 'init',
  usage: '[--template NAME] [--from FILE…]',
  summary: 'write a working .handrail/ folder',
  details: [
    'Writes a workflow to start with and never overwrites a file. Without options: three steps (the tests of the project as found,',
    'AI review, a self-check); nothing blocks. --from turns task lists of Markdown files (a pull-request template, a CONTRIBUTING',
    'checklist) into steps: every box is kept, and ticked boxes are recorded as checked by whoever runs this.',
    '',
    'Templates:',
    ...TEMPLATES.map(({ name, description }) => `  ${name.padEnd(LONGEST)}  ${description}`),
  ],
  options: {
    template: { type: 'string', choices: TEMPLATES.map(({ name }) => name), value: 'NAME', summary: 'start from this template' },
    from: { type: 'string', multiple: true, value: 'FILE', summary: 'import the task lists of this file; more files may follow' },
  },
  positionals: { name: 'FILE', min: 0, max: Number.POSITIVE_INFINITY },
  formats: ['text', 'json'],
  async run({ services, terminal, format, cwd, actor }, { template, from }, positionals) {
    if (positionals.length > 0 && from.length === 0) {
      throw new HandrailError('usage', `handrail init does not take ${JSON.stringify(positionals[0])}.`, {
        hint: `Import a task list with --from ${positionals[0]}.`,
      });
    }
    const files = [...from, ...positionals].map((path) => resolve(cwd, path));
    const service = await services.workflow();
    const initialised = await service.init({
      ...(template === undefined ? {} : { template }),
      ...(files.length === 0 ? {} : { from: files }),
    });
    const result = { ...initialised, notes: [...initialised.notes, ...(await recordTicks(service, initialised.done ?? [], actor))] };
    if (format === 'json') {
      terminal.document(result);
      return 0;
    }
    const { written, kept, notes } = printableData(result);
    for (const path of written) terminal.line(`${terminal.style('green', 'written')}  ${path}`);
    for (const path of kept) terminal.line(`${terminal.style('dim', 'kept')}     ${path}`);
    for (const note of notes) terminal.line(note);
    if (written.length > 0) terminal.line(`\nNext: ${terminal.style('cyan', 'handrail status')}`);
    return 0;
  },
});

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
