/** What an MCP client can read without calling a tool. Each is one JSON document. */
export const AGENT_RESOURCES = [
  {
    name: 'workflow',
    uri: 'handrail://workflow',
    title: 'Workflow',
    description: 'The workflow of the current branch and how its steps stand, as `handrail status --format json` tells it',
  },
  {
    name: 'evidence',
    uri: 'handrail://evidence',
    title: 'Evidence',
    description: 'The records of the current branch: who or what settled which step, and on which content',
  },
] as const;
