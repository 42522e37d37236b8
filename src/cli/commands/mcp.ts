import { defineCommand } from '../command.ts';
import { printable } from '../text/printable.ts';
import { VERSION } from '../version.ts';

export const command = defineCommand({
  name: 'mcp',
  usage: '',
  summary: 'an MCP server on stdin and stdout, for AI agents',
  details: [
    'Offers the workflow of the folder to an agent over the Model Context Protocol, until stdin closes. An agent sees where the branch',
    'stands, runs command, review and generate steps, and settles steps that a lead marked performer: agent. It never approves, skips',
    "or dismisses, and what it does is recorded as an agent's.",
    'It asks nobody anything: commands run once you trusted them (handrail run STEP on your terminal), and a model answers once you',
    'agreed to it (handrail models confirm NAME).',
  ],
  options: {},
  positionals: { name: 'nothing', min: 0, max: 0 },
  formats: ['text'],
  async run({ root, env, terminal, services, signal }) {
    const [{ serveMcp }, { createAgentPorts }, { branchRecords }, trust] = await Promise.all([
      import('../../node/agents/mcpServer.ts'),
      import('../../node/agents/agentPorts.ts'),
      import('../../node/agents/records.ts'),
      services.trust(),
    ]);
    const once = <T>(open: () => Promise<T>): (() => Promise<T>) => {
      let opened: Promise<T> | undefined;
      return () => (opened ??= open());
    };
    const ports = createAgentPorts(root, {
      workflow: once(() => services.workflow()),
      review: once(() => services.review()),
      generate: once(() => services.generate()),
      // A variable of whoever started the server is no person's word.
      mayRun: async (digest) => trust.isTrusted(digest),
    });
    if (terminal.interactive) terminal.note('handrail: An MCP client talks to this on stdin and stdout. Ctrl-C ends it.');
    await serveMcp({
      version: VERSION,
      ports,
      records: () => branchRecords(root, env),
      input: process.stdin,
      output: process.stdout,
      signal,
      onError: (message) => terminal.note(`handrail: ${printable(message)}`),
    });
    return 0;
  },
});
