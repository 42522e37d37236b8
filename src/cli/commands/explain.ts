import { defineCommand } from '../command.ts';
import { findStep, RUN_OPTIONS, runChoice } from '../steps.ts';
import { explainText } from '../text/explain.ts';
import { printableData } from '../text/printable.ts';

export const command = defineCommand({
  name: 'explain',
  usage: 'STEP [--workflow ID] [--branch NAME]',
  summary: 'why a step is here, what it expects, what is missing',
  details: ['Tells why the step is part of this run (which `when` matched), what it expects, what still is missing, and what to do next.'],
  options: RUN_OPTIONS,
  positionals: { name: 'STEP', min: 1, max: 1 },
  formats: ['text', 'json'],
  async run({ services, terminal, format }, options, [stepId = '']) {
    const { status, step } = await findStep(await services.workflow({ looksOnly: true }), stepId, runChoice(options));
    if (format === 'json') terminal.document({ workflow: status.workflow, branch: status.branch, step });
    else terminal.line(explainText(printableData(step), (style, text) => terminal.style(style, text), options.workflow));
    return 0;
  },
});
