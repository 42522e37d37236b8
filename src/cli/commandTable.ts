import type { Command } from './command.ts';

/** Every command that works, in the order of the help. Loaded on use, so that `--help` and a refused word cost nothing. */
export const COMMANDS: readonly { name: string; summary: string; load(): Promise<Command> }[] = [
  { name: 'init', summary: 'write a working .handrail/ folder', load: async () => (await import('./commands/init.ts')).command },
  { name: 'validate', summary: 'check the files under .handrail/', load: async () => (await import('./commands/validate.ts')).command },
  {
    name: 'status',
    summary: 'show the run of this branch: what is done, what is next',
    load: async () => (await import('./commands/status.ts')).command,
  },
  {
    name: 'explain',
    summary: 'why a step is here, what it expects, what is missing',
    load: async () => (await import('./commands/explain.ts')).command,
  },
  { name: 'run', summary: 'perform a command, generate or review step', load: async () => (await import('./commands/run.ts')).command },
  { name: 'check', summary: 'settle a manual or approval step', load: async () => (await import('./commands/check.ts')).command },
  {
    name: 'uncheck',
    summary: 'reopen a step that was checked or skipped',
    load: async () => (await import('./commands/uncheck.ts')).command,
  },
  { name: 'waive', summary: 'skip a step with a reason, for a while', load: async () => (await import('./commands/waive.ts')).command },
  {
    name: 'summary',
    summary: 'a block for the pull request: steps, models, what was read, open findings',
    load: async () => (await import('./commands/summary.ts')).command,
  },
  {
    name: 'verify',
    summary: "judge the branch by its base's policy, as CI does",
    load: async () => (await import('./commands/verify.ts')).command,
  },
  {
    name: 'review',
    summary: 'review a file, the working tree or the branch',
    load: async () => (await import('./commands/review.ts')).command,
  },
  {
    name: 'generate',
    summary: 'let a model write code: a patch, or written with --apply',
    load: async () => (await import('./commands/generate.ts')).command,
  },
  { name: 'dismiss', summary: 'remember that a finding does not apply', load: async () => (await import('./commands/dismiss.ts')).command },
  {
    name: 'models',
    summary: 'which reviewer answers, and the health of each model',
    load: async () => (await import('./commands/models.ts')).command,
  },
  {
    name: 'eval',
    summary: 'measure a reviewer on changes with known bugs',
    load: async () => (await import('./commands/eval.ts')).command,
  },
  {
    name: 'telemetry',
    summary: 'what is recorded on this machine: nothing, until you turn it on',
    load: async () => (await import('./commands/telemetry.ts')).command,
  },
  {
    name: 'team',
    summary: "what a lead or CI does for a team's figures",
    load: async () => (await import('./commands/team.ts')).command,
  },
  {
    name: 'usage',
    summary: 'how much other assistants are used: recorded only where you connect them',
    load: async () => (await import('./commands/usage.ts')).command,
  },
  {
    name: 'mcp',
    summary: 'an MCP server for AI agents, on stdin and stdout',
    load: async () => (await import('./commands/mcp.ts')).command,
  },
];
