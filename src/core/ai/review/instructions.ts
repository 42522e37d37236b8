import { parse } from 'yaml';
import { withoutParagraph } from '../../workflow/agents.ts';
import { compileGlobs } from '../../workflow/globs.ts';

/** A file with the repository's own conventions, such as `AGENTS.md`. */
export interface InstructionFile {
  path: string;
  text: string;
}

/** Read for every review when they exist. */
export const INSTRUCTION_PATHS = ['AGENTS.md', '.github/copilot-instructions.md'] as const;
/** Each `*.instructions.md` in here says by `applyTo` which files it is for. */
export const INSTRUCTION_FOLDER = '.github/instructions';

const MAX_INSTRUCTIONS = 24_000;
/** Front matter of a Markdown file, with its text as the first group. */
export const FRONT_MATTER = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/u;

/** A file of conventions, read once: what it says and which paths it is for. */
export interface Instruction {
  path: string;
  /** Without front matter and without what Handrail wrote for agents. */
  body: string;
  /** The globs it names; undefined when it is for every file. */
  scope: string | undefined;
  applies(path: string): boolean;
}

/** `applyTo` holds globs separated by commas, or a list; a scoped file without it is for use by hand only and left out. */
export function parseInstructions(files: readonly InstructionFile[]): Instruction[] {
  return files.flatMap(({ path, text }): Instruction[] => {
    const body = withoutParagraph(text.replace(FRONT_MATTER, '')).trim();
    if (body === '') return [];
    if (!path.startsWith(`${INSTRUCTION_FOLDER}/`)) return [{ path, body, scope: undefined, applies: () => true }];
    const globs = applyTo(FRONT_MATTER.exec(text)?.[1] ?? '');
    return globs.length === 0 ? [] : [{ path, body, scope: globs.join(', '), applies: matcherOf(globs) }];
  });
}

/** Those that apply to one of the paths and fit together, in order, and the paths of those that did not fit. */
export function fittingInstructions(
  instructions: readonly Instruction[],
  paths: readonly string[],
): { fitting: Instruction[]; cut: string[] } {
  const fitting: Instruction[] = [];
  const cut: string[] = [];
  let length = 0;
  for (const one of instructions.filter(({ applies }) => paths.some(applies))) {
    if (length + one.body.length > MAX_INSTRUCTIONS) cut.push(one.path);
    else {
      length += one.body.length;
      fitting.push(one);
    }
  }
  return { fitting, cut };
}

/** What those that apply to one of the paths say, each under its name. */
export function instructionsText(instructions: readonly Instruction[], paths: readonly string[]): string {
  return instructions
    .filter(({ applies }) => paths.some(applies))
    .map(({ path, body, scope }) => `From ${path}${scope === undefined ? '' : `, for ${scope}`}:\n${body}`)
    .join('\n\n');
}

/** The instructions that apply to these paths, front matter removed, in order, up to a limit. */
export function instructionsFor(files: readonly InstructionFile[], paths: readonly string[]): { text: string; cut: string[] } {
  const { fitting, cut } = fittingInstructions(parseInstructions(files), paths);
  return { text: instructionsText(fitting, paths), cut };
}

/** A glob without a slash is meant for names anywhere. */
function matcherOf(globs: readonly string[]): (path: string) => boolean {
  const anywhere = globs.filter((glob) => !glob.includes('/')).map((glob) => compileGlobs([`**/${glob}`]));
  const matches = compileGlobs(globs);
  return (path) => matches(path) || anywhere.some((matchesName) => matchesName(path));
}

function applyTo(frontMatter: string): string[] {
  let value: unknown;
  try {
    value = parse(frontMatter, { maxAliasCount: 0 });
  } catch {
    // `applyTo: **/*.ts` without quotation marks is no YAML (an alias), yet what people write.
    value = { applyTo: /^applyTo:\s*(.+)$/mu.exec(frontMatter)?.[1]?.replace(/^["']|["']$/gu, '') };
  }
  const globs = typeof value === 'object' && value !== null && 'applyTo' in value ? value.applyTo : undefined;
  const list = Array.isArray(globs) ? globs : [globs];
  return list.flatMap((glob) => (typeof glob === 'string' ? splitGlobs(glob) : [])).filter((glob) => glob !== '');
}

/** Commas inside braces belong to the glob. */
function splitGlobs(text: string): string[] {
  return text.split(/,(?![^{]*\})/u).map((glob) => glob.trim());
}
