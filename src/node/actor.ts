import type { ActorKind } from '../core/workflow/service.ts';

/** Variables by which agents are recognised when they run commands. */
const AGENT_VARIABLES = ['CLAUDECODE', 'CODEX_SANDBOX', 'GEMINI_CLI'];

/**
 * Who acts on the command line, as far as can be seen. It is a claim and recorded as one.
 *
 * `HANDRAIL_ACTOR` says it outright, except that `human` counts only on a terminal; any value that is none of the three means
 * an agent. Then the environment of a known agent, then `CI=true` (a machine), then whether there is a terminal.
 */
export function actorOf(env: Readonly<Record<string, string | undefined>>, onTerminal: boolean): ActorKind {
  if (env['HANDRAIL_ACTOR'] === 'human' && onTerminal) return 'human';
  return declaredActor(env) ?? (onTerminal ? 'human' : 'agent');
}

/** An agent or a machine that the environment names; undefined where it names none, as in a person's own script. */
export function declaredActor(env: Readonly<Record<string, string | undefined>>): 'agent' | 'machine' | undefined {
  const claimed = env['HANDRAIL_ACTOR'];
  if (claimed === 'machine') return 'machine';
  if (claimed && claimed !== 'human') return 'agent';
  if (AGENT_VARIABLES.some((name) => env[name])) return 'agent';
  return env['CI'] === 'true' ? 'machine' : undefined;
}
