import { resolve } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { defineCommand } from '../command.ts';
import { printableData } from '../text/printable.ts';

export const command = defineCommand({
  name: 'init',
  usage: '[--template NAME] [--from FILE…]',
  summary: 'write a working .handrail/ folder',
  details: [
    'Writes a workflow to start with and never overwrites a file. Without options: three steps (the tests of the project as found,',
    'AI review, a self-check); nothing blocks. --from turns task lists of Markdown files (a pull-request template, a CONTRIBUTING',
    'checklist) into steps: every box is kept, and ticked boxes start as checked.',
  ],
  options: {
    template: { type: 'string', value: 'NAME', summary: 'start from this template' },
    from: { type: 'string', multiple: true, value: 'FILE', summary: 'import the task lists of this file; more files may follow' },
  },
  positionals: { name: 'FILE', min: 0, max: Number.POSITIVE_INFINITY },
  formats: ['text', 'json'],
  async run({ services, terminal, format, cwd }, { template, from }, positionals) {
    if (positionals.length > 0 && from.length === 0) {
      throw new HandrailError('usage', `handrail init does not take ${JSON.stringify(positionals[0])}.`, {
        hint: `Import a task list with --from ${positionals[0]}.`,
      });
    }
    const files = [...from, ...positionals].map((path) => resolve(cwd, path));
    const service = await services.workflow();
    const result = await service.init({ ...(template === undefined ? {} : { template }), ...(files.length === 0 ? {} : { from: files }) });
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
