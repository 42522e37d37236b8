import { summaryMarkdown } from '../../core/workflow/summaryMarkdown.ts';
import { readSummary } from '../../node/workflow/runSummary.ts';
import { defineCommand } from '../command.ts';
import { RUN_OPTIONS, runChoice } from '../steps.ts';
import { printableData } from '../text/printable.ts';
import { summaryText } from '../text/summary.ts';

export const command = defineCommand({
  name: 'summary',
  usage: '[--workflow ID] [--branch NAME] [--format markdown]',
  summary: 'a block for the pull request: steps, models, what was read, open findings',
  details: [
    'Prints how the run of this branch stands, for those who read its pull request. --format markdown prints it ready to paste, between',
    'marks (<!-- handrail:summary:start --> and end) so that a later block can take its place; text of the repository and of models is',
    'escaped and mentions nobody. Exits 0 whenever it can answer.',
  ],
  options: RUN_OPTIONS,
  positionals: { name: 'nothing', min: 0, max: 0 },
  formats: ['text', 'json', 'markdown'],
  async run({ root, services, terminal, format }, options) {
    const [workflow, review] = await Promise.all([services.workflow(), services.review()]);
    const summary = await readSummary({ root, workflow, review }, runChoice(options));
    if (format === 'json') terminal.document(summary);
    else if (format === 'markdown') terminal.writeOut(summaryMarkdown(summary));
    else terminal.line(summaryText(printableData(summary), (style, text) => terminal.style(style, text)));
    return 0;
  },
});
