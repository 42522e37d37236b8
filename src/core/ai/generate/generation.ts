import type { Anchor, CoverageEntry, Redaction, Usage } from '../finding.ts';

/** Shapes of a generation. Lines count from 1, both ends inclusive. */

/** Where the person is in a file: a selection, or the line of the cursor. */
export interface GenerateTarget {
  file: string;
  startLine: number;
  endLine: number;
  /** True for a selection, which is what is to be changed; false for a cursor, at which something is to be added. */
  selected: boolean;
}

/** One search-and-replace block in its place. An insertion has `endLine` one below `startLine` and replaces nothing. */
export interface PlacedEdit {
  startLine: number;
  endLine: number;
  /** Whole lines, `\n` between them whatever the file has, without the last line's end; empty deletes the lines. */
  newText: string;
  anchor: Anchor;
}

/** What would become of one file. Nothing is written before it is accepted. */
export interface ProposedChange {
  /** Relative to the workspace folder, with `/`. */
  file: string;
  kind: 'edit' | 'create';
  /** The text the proposal was made for; empty for a new file. Accepting is refused when the file holds another one by then. */
  before: string;
  after: string;
  /** Ordered, never overlapping; none for a new file. */
  edits: PlacedEdit[];
  /** The file begins with a byte order mark, which is in neither text and stays. */
  bom?: true;
}

/** A block that is shown instead of applied. */
export interface UnplacedEdit {
  file: string;
  search: string;
  replacement: string;
  /** One plain sentence: not found, found several times, path outside the workspace, ignored, read-only, not complete. */
  because: string;
}

export interface GenerateResult {
  /** Name of the model's entry. */
  model: string;
  /** What the endpoint calls it. */
  modelId: string;
  promptDigest: string;
  changes: ProposedChange[];
  unplaced: UnplacedEdit[];
  /** What the model says besides, as plain text from an untrusted source; empty when it said nothing. */
  explanation: string;
  usage: Usage;
  /** What the model was shown, in full, in part, or not at all and why. */
  coverage: CoverageEntry[];
  redactions: Redaction[];
  /** Plain sentences for the person. */
  notices: string[];
  /** The model was asked once more about blocks that had no place: how many, and how many have one now. */
  repair?: { asked: number; placed: number };
  /** Files that are not what they were when the model was shown them; accepting their change is refused. */
  changedMeanwhile?: string[];
}

export type GenerateEvent =
  /** `origin` is where the text goes, see `ModelProvider`; absent for the built-in reviewer. */
  | { type: 'chosen'; model: string; because: string; origin?: string }
  | {
      type: 'progress';
      message: string;
      outputTokens: number;
      blocks: number;
      /** Files with a complete block so far, as the model names them: untrusted, and not yet known to be allowed. */
      files?: string[];
      /** Blocks that are asked for once more. */ repairing?: number;
    }
  | { type: 'notice'; message: string };

export interface GenerateRequest {
  /** What is to be made, in the person's words. Needed unless there is a prompt file. */
  instruction?: string;
  /** A `.prompt.md` file, relative to the workspace folder. */
  prompt?: string;
  /** The workflow step this is done for; its words go along, `inputs` are globs of files to show. */
  step?: { id: string; title: string; why?: string; inputs?: string[] };
  at?: GenerateTarget;
  /** More files to show to the model, named by the person. */
  files?: string[];
  /** What the person said for `${input:name}` of the prompt file; `promptInputs` tells the names. */
  inputs?: Record<string, string>;
  /** Unsaved text of open documents by path; read instead of the file. */
  buffers?: Record<string, string>;
  role?: string;
  model?: string;
}
