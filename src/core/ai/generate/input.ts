import type { CoverageEntry } from '../finding.ts';
import type { ModelProvider, SecretScanner } from '../provider.ts';
import type { GenerateTarget } from './generation.ts';
import type { TargetFacts } from './propose.ts';

/** A file that may be shown to the model, in the order of its importance. */
export interface ContextFile {
  path: string;
  text: string;
  /** The file begins with a byte order mark, which is not in the text. */
  bom?: boolean;
  /** It is what the request is about, so it is shown at least in part. */
  needed: boolean;
}

/** Everything a generation is made of, collected before it starts. */
export interface GenerateInput {
  instruction: string;
  prompt?: { path: string; text: string };
  step?: { title: string; why?: string };
  at?: GenerateTarget;
  files: readonly ContextFile[];
  /** Files that are not shown, with the reason. */
  skipped: readonly CoverageEntry[];
  /** Paths that the person named: what they hold may be changed even where that is refused otherwise. */
  named: readonly string[];
  instructions: string;
  /** Names of files in the workspace, as many as should be told. */
  names: readonly string[];
  notices: readonly string[];
}

export interface GeneratePorts {
  secrets: SecretScanner;
  provider: ModelProvider;
  /** An unpredictable word for the fence. */
  marker(): string;
  targets: TargetFacts;
}
