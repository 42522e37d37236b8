import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { withVerified } from '../../core/workflow/verify/verifiedSummary.ts';
import { summaryMarkdown, withSummary } from '../../core/workflow/summaryMarkdown.ts';
import { readSummary } from '../../node/workflow/runSummary.ts';
import { defineCommand, type Format } from '../command.ts';
import { RUN_OPTIONS, runChoice } from '../steps.ts';
import { printableLines } from '../text/printable.ts';
import { summaryText } from '../text/summary.ts';

export const command = defineCommand({
  name: 'summary',
  usage: '[--workflow ID] [--branch NAME] [--format markdown] [--in FILE] [--verified FILE]',
  summary: 'a block for the pull request: steps, models, what was read, open findings',
  details: [
    'Prints how the run of this branch stands, for those who read its pull request. --format markdown prints it ready to paste: text of',
    'the repository and of models is escaped and mentions nobody. The block stands between two marks, so that --in can put it into a',
    'description in the place of an earlier one; the rest stays as it is. --verified FILE takes what handrail verify --format json found,',
    'so that the steps stand as CI sees them. Exits 0 whenever it can answer.',
  ],
  options: {
    ...RUN_OPTIONS,
    verified: { type: 'string', value: 'FILE', summary: 'what handrail verify --format json printed for this branch' },
    in: { type: 'string', value: 'FILE', summary: 'print this description with the block in it; - reads it from stdin' },
  },
  positionals: { name: 'nothing', min: 0, max: 0 },
  formats: ['text', 'json', 'markdown'],
  async run({ root, cwd, services, terminal, format }, { in: description, verified, ...options }) {
    const into = description === undefined ? undefined : readDescription(cwd, description, format);
    const [workflow, review] = await Promise.all([services.workflow({ looksOnly: true }), services.review()]);
    const own = await readSummary({ root, workflow, review }, runChoice(options));
    const summary = verified === undefined ? own : withVerified(own, readVerified(cwd, verified));
    if (into !== undefined) terminal.writeOut(withSummary(into, summaryMarkdown(summary)));
    else if (format === 'json') terminal.document(summary);
    else if (format === 'markdown') terminal.writeOut(summaryMarkdown(summary));
    else terminal.line(summaryText(printableLines(summary), (style, text) => terminal.style(style, text)));
    return 0;
  },
});

/** The document that `--verified` names. A person may name any file. */
function readVerified(cwd: string, path: string): unknown {
  try {
    return JSON.parse(readFileSync(resolve(cwd, path), 'utf8'));
  } catch (cause) {
    throw new HandrailError('io', `The verification ${path} cannot be read as JSON.`, {
      hint: 'Write it with handrail verify --format json.',
      cause,
    });
  }
}

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
