import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { summaryMarkdown, withSummary } from '../../core/workflow/summaryMarkdown.ts';
import { readSummary } from '../../node/workflow/runSummary.ts';
import { defineCommand, type Format } from '../command.ts';
import { RUN_OPTIONS, runChoice } from '../steps.ts';
import { printableData } from '../text/printable.ts';
import { summaryText } from '../text/summary.ts';

export const command = defineCommand({
  name: 'summary',
  usage: '[--workflow ID] [--branch NAME] [--format markdown] [--in FILE]',
  summary: 'a block for the pull request: steps, models, what was read, open findings',
  details: [
    'Prints how the run of this branch stands, for those who read its pull request. --format markdown prints it ready to paste: text of',
    'the repository and of models is escaped and mentions nobody. The block stands between two marks, so that --in can put it into a',
    'description in the place of an earlier one; the rest stays as it is. Exits 0 whenever it can answer.',
  ],
  options: {
    ...RUN_OPTIONS,
    in: { type: 'string', value: 'FILE', summary: 'print this description with the block in it; - reads it from stdin' },
  },
  positionals: { name: 'nothing', min: 0, max: 0 },
  formats: ['text', 'json', 'markdown'],
  async run({ root, cwd, services, terminal, format }, { in: description, ...options }) {
    const into = description === undefined ? undefined : readDescription(cwd, description, format);
    const [workflow, review] = await Promise.all([services.workflow({ looksOnly: true }), services.review()]);
    const summary = await readSummary({ root, workflow, review }, runChoice(options));
    if (into !== undefined) terminal.writeOut(withSummary(into, summaryMarkdown(summary)));
    else if (format === 'json') terminal.document(summary);
    else if (format === 'markdown') terminal.writeOut(summaryMarkdown(summary));
    else terminal.line(summaryText(printableData(summary), (style, text) => terminal.style(style, text)));
    return 0;
  },
});

/** The text that `--in` names, as it is. A person may name any file. */
function readDescription(cwd: string, path: string, format: Format): string {
  if (format === 'json') throw new HandrailError('usage', '--in prints Markdown, not JSON.', { hint: 'Leave --format json out.' });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path === '-' ? 0 : resolve(cwd, path)));
  } catch (cause) {
    throw new HandrailError('io', `The description ${path === '-' ? 'on stdin' : path} cannot be read as text.`, {
      hint: 'Name a text file, or - for stdin.',
      cause,
    });
  }
}
