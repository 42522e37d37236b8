import { AGENTS_FILE, agentsParagraph } from '../core/workflow/agents.ts';
import { ASSISTANTS, hookSnippet, STOP_HOOK_FILE } from '../core/workflow/stopHook.ts';
import { type AgentsPlan, planAgentFiles, untold, writeAgentFiles } from '../node/workflow/agentFiles.ts';
import { workspaceFiles } from '../node/workspaceFiles.ts';
import type { Context } from './command.ts';

/** Writes what was asked for with flags. Everything is looked at before the first file is written. */
export async function tellAgents(root: string, request: { paragraph: boolean; stopHook: readonly string[] }): Promise<AgentsPlan> {
  const plan = planAgentFiles(root, { ...request, stopHook: [...new Set(request.stopHook)] });
  await writeAgentFiles(root, plan);
  return plan;
}

/**
 * Offers on a terminal what agents have not been told yet, each part on its own: the hook to the assistants whose files are in the
 * repository, else to the first one we know. Elsewhere one line says how.
 */
export async function offerToTellAgents({ root, terminal, actor, signal }: Context): Promise<void> {
  const { paragraph, assistants } = untold(root);
  if (!terminal.interactive || actor !== 'human') {
    if (paragraph) {
      terminal.line(
        `AI agents are not told about this: handrail init --agents writes a paragraph into ${AGENTS_FILE}, and --stop-hook ASSISTANT a hook.`,
      );
    }
    return;
  }
  if (paragraph) {
    terminal.note(`\nAI agents read ${AGENTS_FILE}. This paragraph tells them about the workflow:\n\n${indented(agentsParagraph())}\n`);
    if (await terminal.confirm(`Write it into ${AGENTS_FILE}? What is there stays.`, signal)) {
      report(terminal, await tellAgents(root, { paragraph: true, stopHook: [] }));
    }
  }
  const offered = assistants.length > 0 || workspaceFiles(root).exists(STOP_HOOK_FILE) ? assistants : ASSISTANTS.slice(0, 1);
  for (const assistant of offered) {
    terminal.note(
      `\n${assistant.title} can be kept going while steps are left that it may do: a script, ${STOP_HOOK_FILE}, looks at handrail status\n` +
        `whenever it is about to stop, and this in ${assistant.settings} runs the script:\n\n${indented(hookSnippet(assistant))}\n`,
    );
    if (await terminal.confirm(`Write both? What is in ${assistant.settings} stays.`, signal)) {
      report(terminal, await tellAgents(root, { paragraph: false, stopHook: [assistant.name] }));
    }
  }
}

/** Says what was written, what was there already, and what is left to do. */
export function report(terminal: Context['terminal'], { changes, kept, notes }: AgentsPlan): void {
  for (const { path } of changes) terminal.line(`${terminal.style('green', 'written')}  ${path}`);
  for (const path of kept) terminal.line(`${terminal.style('dim', 'kept')}     ${path}`);
  for (const note of notes) terminal.line(note);
}

/** Names that `--stop-hook` takes. */
export const ASSISTANT_NAMES: readonly string[] = ASSISTANTS.map(({ name }) => name);

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '    ');
}
