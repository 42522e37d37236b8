import { randomBytes } from 'node:crypto';
import type { AgentPorts } from '../../core/agents/tool.ts';
import { alone } from './alone.ts';

/** What the tools of agents need in one workspace folder, over the services and the word of whoever opens them. */
export function createAgentPorts(root: string, services: Pick<AgentPorts, 'workflow' | 'review' | 'generate' | 'mayRun'>): AgentPorts {
  return {
    workflow: () => services.workflow(),
    review: () => services.review(),
    generate: () => services.generate(),
    mayRun: (digest) => services.mayRun(digest),
    alone: (name, work) => alone(root, name, work),
    marker: () => `DATA-${randomBytes(9).toString('base64url')}`,
    decoder: () => {
      const decoder = new TextDecoder();
      return (chunk) => decoder.decode(chunk, { stream: true });
    },
  };
}
