import { withoutParagraph } from '../../workflow/agents.ts';
import { compileGlobs } from '../../workflow/globs.ts';
import { parseLocatedYaml } from '../../yaml/locatedYaml.ts';

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
/** Globs of one file, and characters of their text, that are looked at: the file comes from the repository. */
const MAX_GLOBS = 200;
const MAX_GLOB_TEXT = 4_000;
/** Front matter of a Markdown file, with its text as the first group. */
export const FRONT_MATTER = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/u;

/**
 * The instructions that apply to these paths, front matter removed, in order, up to a limit. `applyTo` holds globs separated by
 * commas, or a list; a scoped file without it is for use by hand only and left out.
 */
export function instructionsFor(files: readonly InstructionFile[], paths: readonly string[]): { text: string; cut: string[] } {
  const parts: string[] = [];
  const cut: string[] = [];
  let length = 0;
  for (const file of files) {
    const body = withoutParagraph(file.text.replace(FRONT_MATTER, '')).trim();
    if (body === '' || (file.path.startsWith(`${INSTRUCTION_FOLDER}/`) && !applies(file.text, paths))) continue;
    if (length + body.length > MAX_INSTRUCTIONS) {
      cut.push(file.path);
      continue;
    }
    length += body.length;
    parts.push(`From ${file.path}:\n${body}`);
  }
  return { text: parts.join('\n\n'), cut };
}

function applies(text: string, paths: readonly string[]): boolean {
  const globs = applyTo(FRONT_MATTER.exec(text)?.[1] ?? '').slice(0, MAX_GLOBS);
  if (globs.length === 0) return false;
  const whole = compileGlobs(globs);
  const byName = globs.filter((glob) => !glob.includes('/')).map((glob) => compileGlobs([`**/${glob}`]));
  return paths.some((path) => whole(path) || byName.some((matches) => matches(path)));
}

function applyTo(frontMatter: string): string[] {
  const { value, problems } = parseLocatedYaml(frontMatter);
  // `applyTo: **/*.ts` without quotation marks is no YAML (an alias), yet what people write.
  const globs = problems.length > 0 ? /^applyTo:\s*(.+)$/mu.exec(frontMatter)?.[1]?.replace(/^["']|["']$/gu, '') : globsIn(value);
  const list: unknown[] = Array.isArray(globs) ? globs : [globs];
  return list.flatMap((glob) => (typeof glob === 'string' ? splitGlobs(glob.slice(0, MAX_GLOB_TEXT)) : [])).filter((glob) => glob !== '');
}

function globsIn(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'applyTo' in value ? value.applyTo : undefined;
}

/** Commas inside braces belong to the glob. */
function splitGlobs(text: string): string[] {
  return text.split(/,(?![^{]*\})/u).map((glob) => glob.trim());
}
