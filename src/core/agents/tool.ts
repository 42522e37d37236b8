import { z } from 'zod';
import type { GenerateService, ReviewService } from '../ai/service.ts';
import type { CancelSignal } from '../ports.ts';
import type { WorkflowService } from '../workflow/service.ts';

/** What a tool of an agent is made of. The same definitions serve the MCP server and the editor's language-model tools. */

/** The world of the tools. Everything is opened on first use. */
export interface AgentPorts {
  workflow(): Promise<WorkflowService>;
  review(): Promise<ReviewService>;
  generate(): Promise<GenerateService>;
  /** Whether a person said that this version of the workflow's commands may run here. Never asks. */
  mayRun(workflowDigest: string): Promise<boolean>;
  /** Does the work while nobody else, in this process or another, does what has the same name in this workspace; else fails with `conflict`. */
  alone<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** A word that nobody can guess, another one at each call. */
  marker(): string;
  /** Turns the bytes of one stream into text, piece by piece. */
  decoder(): (chunk: Uint8Array) => string;
}

/** One call of a tool. */
export interface ToolCall {
  signal: CancelSignal;
  /** What is going on, in one sentence of our own and without words of the repository. */
  progress(message: string): void;
}

/** Why a call came to nothing: one plain sentence, and what to do next. */
export interface ToolFailure {
  reason: string;
  message: string;
  hint?: string;
}

export interface ToolAnswer {
  /** For the model. What others wrote stands between fences. */
  text: string;
  /** The same for programs. Texts of others are made harmless (`shownText`) but not fenced: `notice` says that they are data. */
  data: { notice: string } & Record<string, unknown>;
  /** Present when nothing was done. */
  failure?: ToolFailure;
}

export interface AgentTool {
  readonly name: string;
  readonly title: string;
  /** For the model: what it does, when to use it, what it cannot do. */
  readonly description: string;
  /** Strict: an argument that is not known is refused. */
  readonly input: z.ZodObject;
  /** It changes no file, runs nothing and records nothing. */
  readonly readOnly: boolean;
  /** It may run a command of the repository or send text to a model. */
  readonly openWorld: boolean;
  call(ports: AgentPorts, input: unknown, call: ToolCall): Promise<ToolAnswer>;
}

/** Ties the type of a tool's input to its schema. Arguments that do not fit are the tool's failure, not an exception. */
export function defineTool<S extends z.ZodObject>(
  tool: Omit<AgentTool, 'input' | 'call'> & {
    readonly input: S;
    run(ports: AgentPorts, input: z.infer<S>, call: ToolCall): Promise<ToolAnswer>;
  },
): AgentTool {
  const { run, ...rest } = tool;
  return {
    ...rest,
    async call(ports, input, call) {
      const { failed, unfit } = await import('./failure.ts');
      const parsed = tool.input.safeParse(input ?? {});
      if (!parsed.success) return unfit(tool.name, parsed.error);
      try {
        return await run(ports, parsed.data, call);
      } catch (error) {
        return failed(error, ports, call);
      }
    },
  };
}

/** The JSON Schema of a tool's input, as MCP and the editor want it. */
export function inputSchemaOf(tool: AgentTool): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(tool.input, { io: 'input' });
  return schema;
}
