import { HandrailError } from '../core/errors.ts';
import type { Context, OptionValues } from './command.ts';
import type { Run } from '../core/workflow/run.ts';
import type { RUN_OPTIONS } from './steps.ts';
import { printable } from './text/printable.ts';

/** What is about to be run, and how a script says that it may be. */
export interface CommandRequest {
  run: Run;
  /** Shell texts as the workflow has them. */
  commands: readonly string[];
  /** Arguments that this command line was given, such as `run tests`. */
  asked: string;
  /** `--trust` was given. */
  trust: boolean;
  choice: OptionValues<typeof RUN_OPTIONS>;
}

/**
 * Sees to it that this version of the workflow may run its commands: said by the editor, remembered, given with `--trust`, or asked now.
 * Fails with `untrusted` where nobody says so.
 */
export async function requireTrust(context: Context, request: CommandRequest): Promise<void> {
  const { terminal, signal, actor, services } = context;
  const { workflow } = request.run;
  if (await isTrusted(context, request.run)) return;
  if (!request.trust && terminal.interactive && actor === 'human') {
    const commands = request.commands.map((command) => `    ${printable(command).replaceAll('\n', '\n    ')}`).join('\n');
    terminal.note(`${workflow.path} comes from this repository and wants to run:\n\n${commands}\n`);
    if (!(await terminal.confirm("Trust this version of the workflow's commands?", signal))) {
      throw new HandrailError('untrusted', 'Nothing was run.', { hint: `Read ${workflow.path} and run again when you trust it.` });
    }
  } else if (!request.trust) {
    throw new HandrailError('untrusted', `The commands of ${workflow.path} are not trusted yet on this machine.`, {
      hint: `Read the file, then use ${['handrail', request.asked, ...flagsOf(request.choice), '--trust'].join(' ')}.`,
    });
  }
  await (await services.trust()).trust(workflow.digest);
}

/** Whether somebody said so already: the editor, or a person on this machine. */
export async function isTrusted({ env, services }: Context, { workflow }: Run): Promise<boolean> {
  return env['HANDRAIL_TRUSTED_DIGEST'] === workflow.digest || (await services.trust()).isTrusted(workflow.digest);
}

function flagsOf({ workflow, branch }: OptionValues<typeof RUN_OPTIONS>): string[] {
  return [...(workflow === undefined ? [] : [`--workflow ${workflow}`]), ...(branch === undefined ? [] : [`--branch ${branch}`])];
}
