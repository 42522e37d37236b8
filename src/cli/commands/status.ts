import { defineCommand } from '../command.ts';
import { statusText } from '../text/status.ts';
import { RUN_OPTIONS, runChoice } from '../steps.ts';
import { printableData } from '../text/printable.ts';

export const command = defineCommand({
  name: 'status',
  usage: '[--workflow ID] [--branch NAME]',
  summary: 'show the run of this branch',
  details: ['Shows every step of the workflow that this branch follows, what is done and what is next.', 'Exits 0 whenever it can answer.'],
  options: RUN_OPTIONS,
  positionals: { name: 'nothing', min: 0, max: 0 },
  formats: ['text', 'json'],
  async run({ services, terminal, format }, options) {
    const service = await services.workflow();
    const status = await service.status(runChoice(options));
    if (format === 'json') terminal.document(status);
    else {
      const anyFile = status.workflow !== null || (await service.validate()).some(({ path }) => path.startsWith('.handrail/workflows/'));
      terminal.line(statusText(printableData(status), (style, text) => terminal.style(style, text), anyFile, options.workflow));
    }
    return 0;
  },
});
