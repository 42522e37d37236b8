import { defineCommand } from '../command.ts';
import { statusText } from '../text/status.ts';
import { printableData } from '../text/printable.ts';

export const command = defineCommand({
  name: 'status',
  usage: '[--workflow ID] [--branch NAME]',
  summary: 'show the run of this branch',
  details: ['Shows every step of the workflow that this branch follows, what is done and what is next.', 'Exits 0 whenever it can answer.'],
  options: {
    workflow: { type: 'string', value: 'ID', summary: 'this workflow instead of the one the branch selects' },
    branch: { type: 'string', value: 'NAME', summary: 'branch name where git has none, e.g. in CI on a detached head' },
  },
  positionals: { name: 'nothing', min: 0, max: 0 },
  formats: ['text', 'json'],
  async run({ services, terminal, format, env }, { workflow, branch }) {
    const service = await services.workflow();
    const named = branch ?? branchOfCi(env);
    const status = await service.status({
      ...(workflow === undefined ? {} : { workflow }),
      ...(named === undefined ? {} : { branch: named }),
    });
    if (format === 'json') terminal.document(status);
    else {
      const anyFile = status.workflow !== null || (await service.validate()).some(({ path }) => path.startsWith('.handrail/workflows/'));
      terminal.line(statusText(printableData(status), (style, text) => terminal.style(style, text), anyFile, workflow));
    }
    return 0;
  },
});

/** CI checks out a commit, not a branch; its host says which branch the change comes from. */
function branchOfCi(env: Readonly<Record<string, string | undefined>>): string | undefined {
  return env['GITHUB_HEAD_REF'] || env['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME'] || undefined;
}
