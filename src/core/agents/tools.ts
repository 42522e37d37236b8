import { checkTool } from './check.ts';
import { explainTool, findingsTool, nextTool, statusTool } from './look.ts';
import { runStepTool } from './runStep.ts';
import type { AgentTool } from './tool.ts';

/**
 * Everything that an agent gets, in MCP and in the editor. None approves, skips a step, dismisses a finding, changes what a person agreed
 * to, or reads what is recorded about anybody's work.
 */
export const AGENT_TOOLS: readonly AgentTool[] = [statusTool, nextTool, explainTool, runStepTool, checkTool, findingsTool];
