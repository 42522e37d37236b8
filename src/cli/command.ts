import type { ActorKind } from '../core/workflow/service.ts';
import type { Services } from './services.ts';
import type { Terminal } from './terminal.ts';

/** What a command line command is made of. Each command is one file under `commands/`; `commandTable.ts` lists them. */

export interface OptionSpec {
  type: 'string' | 'boolean';
  multiple?: boolean;
  /** Name of the value in the help, e.g. `FILE`. */
  value?: string;
  choices?: readonly string[];
  summary: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** Values of the options: a list where `multiple`, a boolean for flags, else a string when given. */
export type OptionValues<S extends OptionSpecs> = {
  readonly [K in keyof S]: S[K] extends { multiple: true }
    ? readonly string[]
    : S[K] extends { type: 'boolean' }
      ? boolean
      : string | undefined;
};

/** Values before a command's own specification gives them their types. */
export type RawValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export type Format = 'text' | 'json' | 'sarif' | 'markdown' | 'html' | 'md' | 'csv';
/** 0 the answer is yes, 1 the answer is no. Failures are thrown. */
export type Answer = 0 | 1;

export interface Context {
  /** The workspace folder: the nearest folder upwards with `.handrail` or `.git`, else where the command was started. */
  readonly root: string;
  /** Absolute folder that paths on the command line are relative to. */
  readonly cwd: string;
  readonly format: Format;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly actor: ActorKind;
  readonly terminal: Terminal;
  readonly services: Services;
  readonly signal: AbortSignal;
}

export interface Command {
  readonly name: string;
  /** What follows the command's name, e.g. `STEP [--workflow ID]`. */
  readonly usage: string;
  readonly summary: string;
  /** Paragraphs shown by `handrail COMMAND --help`. */
  readonly details: readonly string[];
  readonly options: OptionSpecs;
  readonly positionals: { readonly name: string; readonly min: number; readonly max: number };
  readonly formats: readonly Format[];
  run(context: Context, options: RawValues, positionals: readonly string[]): Promise<Answer>;
}

/** Ties the types of a command's options to its specification. */
export function defineCommand<const S extends OptionSpecs>(
  command: Omit<Command, 'options' | 'run'> & {
    readonly options: S;
    run(context: Context, options: OptionValues<S>, positionals: readonly string[]): Promise<Answer>;
  },
): Command {
  // The parser builds the values from `options`, so the narrower parameter type of `run` holds by construction.
  return command;
}
