import { HandrailError } from '../../core/errors.ts';
import { defineCommand } from '../command.ts';
import { sharedText, statusText } from '../text/status.ts';
import { RUN_OPTIONS, runChoice } from '../steps.ts';
import { printable, printableData } from '../text/printable.ts';

export const command = defineCommand({
  name: 'status',
  usage: '[--workflow ID [--remember]] [--branch NAME] [--take-over BRANCH] [--share-evidence yes|no]',
  summary: 'show the run of this branch',
  details: [
    'Shows every step of the workflow that this branch follows, what is done and what is next. Exits 0 whenever it can answer. Where',
    'several workflows match, the first by file name is followed, unless --remember chose another.',
    'Records belong to a branch. After a rename, or where this branch goes on from one that was deleted, the status says whose records',
    "could be taken over, and --take-over does it: only a person can, since they may hold a person's word.",
    'Where the workflow says evidence: tracked, a person says once whether theirs is committed; colleagues see then who did which step',
    'with which model. Until then everything stays on this machine, and CI has no record of it.',
  ],
  options: {
    ...RUN_OPTIONS,
    remember: { type: 'boolean', summary: 'go on with the workflow that --workflow names, on this branch' },
    'take-over': { type: 'string', value: 'BRANCH', summary: 'go on with what was recorded on this former branch' },
    'share-evidence': { type: 'string', choices: ['yes', 'no'], summary: 'whether what I record is committed, in this repository' },
  },
  positionals: { name: 'nothing', min: 0, max: 0 },
  formats: ['text', 'json'],
  async run({ services, terminal, format, actor }, { 'take-over': former, 'share-evidence': share, remember, ...options }) {
    const service = await services.workflow({ looksOnly: former === undefined && share === undefined && !remember });
    if (remember) {
      if (options.workflow === undefined || options.branch !== undefined) {
        throw new HandrailError('usage', '--remember goes with --workflow, for the branch that is checked out.', {
          hint: 'Use handrail status --workflow ID --remember.',
        });
      }
      await service.select(options.workflow);
    }
    const acts = former === undefined ? share : former;
    if (acts !== undefined && actor !== 'human') {
      const what = former === undefined ? 'Whether records are committed is decided' : `The records of ${former} are taken over`;
      const refused = `${what} by a person, in the editor or on a terminal.`;
      if (format === 'json') terminal.document({ refused });
      terminal.note(`handrail: ${printable(refused)}`);
      return 1;
    }
    if (former !== undefined) {
      const count = await service.takeOver(former, { actor });
      if (format === 'text') terminal.line(`${count} ${count === 1 ? 'record' : 'records'} of ${printable(former)} taken over.\n`);
    }
    if (share !== undefined) {
      const count = await service.share({ actor, wanted: share === 'yes' });
      if (format === 'text') terminal.line(`${sharedText(share === 'yes', count)}\n`);
    }
    const status = await service.status(runChoice(options));
    if (format === 'json') terminal.document(status);
    else {
      const anyFile = status.workflow !== null || (await service.validate()).some(({ path }) => path.startsWith('.handrail/workflows/'));
      terminal.line(statusText(printableData(status), (style, text) => terminal.style(style, text), anyFile, options.workflow));
    }
    return 0;
  },
});
