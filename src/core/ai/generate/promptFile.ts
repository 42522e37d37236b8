import { HandrailError } from '../../errors.ts';
import { unsafePath } from '../../workflow/paths.ts';
import { parseLocatedYaml } from '../../yaml/locatedYaml.ts';
import { FRONT_MATTER } from '../review/instructions.ts';

/** A `.prompt.md` file as VS Code defines it: front matter, a Markdown body with variables and links to files. */
export interface PromptFile {
  path: string;
  description: string;
  body: string;
  /** Files of the workspace that the body points to, relative to the folder; each once, in order. */
  links: PromptLink[];
  /** What the front matter asks for and does not get, as plain sentences. */
  notices: string[];
}

export interface PromptLink {
  path: string;
  /** Where in the prompt file it stands, from 1. */
  line: number;
}

/** What variables of a prompt file stand for. */
export interface PromptValues {
  /** The file at the cursor, relative to the workspace folder. */
  file?: string;
  /** Whether something is selected; the text itself is shown apart, as data. */
  selected: boolean;
  /** Name of the workspace folder, without its place. */
  workspaceName: string;
  /** What the person said for `${input:name}`. */
  inputs: Readonly<Record<string, string>>;
}

/** UTF-16 units. Longer than any task that a person writes; the file comes from the repository and is read before anything is asked. */
const MAX_LENGTH = 100_000;
const MAX_HEAD_LENGTH = 10_000;
const MAX_LINKS = 200;

/** Reads a prompt file. Fails with `config` when it points out of the workspace or to too many files, with `too-large`. */
export function readPromptFile(path: string, text: string): PromptFile {
  if (text.length > MAX_LENGTH) {
    throw new HandrailError('too-large', `The prompt file ${path} is longer than ${MAX_LENGTH / 1000},000 characters.`, {
      hint: 'Put what the model should read into files of its own, and link to them.',
      location: { path },
    });
  }
  const head = FRONT_MATTER.exec(text);
  const body = text.slice(head?.[0].length ?? 0);
  const firstLine = (head?.[0].match(/\r\n|\n|\r/gu)?.length ?? 0) + 1;
  const { description, notices } = frontMatter(path, head?.[1] ?? '');
  return { path, description, body: body.trim(), links: linksIn(path, body, firstLine), notices };
}

/** A repository must not choose who gets its code or what may run, so these are told and not obeyed. */
function frontMatter(path: string, text: string): { description: string; notices: string[] } {
  if (text.length > MAX_HEAD_LENGTH) return { description: '', notices: [`The head of ${path} is too long and was passed over.`] };
  const { value, problems } = parseLocatedYaml(text);
  const [problem] = problems;
  if (problem !== undefined) {
    // The head begins behind the first line, which is its mark.
    return { description: '', notices: [`The head of ${path}:${problem.line + 1} is no valid YAML and was passed over.`] };
  }
  const keys: Record<string, unknown> = typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  const notices: string[] = [];
  const model = keys['model'];
  if (model !== undefined && model !== null) {
    const named = [model].flat().filter((one) => typeof one === 'string');
    notices.push(
      `${path} asks for the model ${named.join(', ') || '(unreadable)'}; which model answers is set by .handrail/models.yml and you, not by a prompt file.`,
    );
  }
  const tools = [keys['tools']].flat().filter((one) => typeof one === 'string');
  if (tools.length > 0) notices.push(`${path} asks for tools (${tools.join(', ')}), which a generation does not have.`);
  return { description: typeof keys['description'] === 'string' ? keys['description'].trim() : '', notices };
}

const LINK =
  /!?\[[^\]\n]{0,500}\]\(\s*(?:<(?<angled>[^>\n]{1,500})>|(?<plain>[^\s()<>]{1,500}(?:\([^\s()]{0,200}\)[^\s()<>]{0,500})?))(?:\s+["'(][^\n]{0,200}?["')])?\s*\)/gu;
const HASH_FILE = /(?<![\w#])#file:(?:'(?<quoted>[^'\n]{1,500})'|(?<word>[^\s,;)'"`]{1,500}))/gu;

function linksIn(promptPath: string, body: string, firstLine: number): PromptLink[] {
  const text = withoutCode(body);
  const found = [...text.matchAll(LINK), ...text.matchAll(HASH_FILE)]
    .map((match) => ({
      at: match.index,
      target: Object.values(match.groups ?? {}).find((value) => value !== undefined) ?? '',
      isHash: match[0].startsWith('#file'),
    }))
    .sort((a, b) => a.at - b.at);
  const links = new Map<string, PromptLink>();
  let line = firstLine;
  let counted = 0;
  for (const { at, target, isHash } of found) {
    line += text.slice(counted, at).match(/\r\n|\n|\r/gu)?.length ?? 0;
    counted = at;
    const path = linkedPath(promptPath, isHash ? target.replace(/[.:]+$/u, '') : target, isHash, line);
    if (path !== undefined && !links.has(path)) links.set(path, { path, line });
    if (links.size > MAX_LINKS) throw tooManyLinks(promptPath, line);
  }
  return [...links.values()];
}

function tooManyLinks(path: string, line: number): HandrailError {
  return new HandrailError('config', `${path} points to more than ${MAX_LINKS} files, which no model takes.`, {
    hint: 'Point to what the task needs; the inputs of a step may be globs.',
    location: { path, line },
  });
}

/**
 * Code is quoted, not followed. As many characters stay, so that places keep their line. A run of marks is taken whole or not at all:
 * trying parts of it would take the time of the square of its length.
 */
function withoutCode(body: string): string {
  const blank = (text: string): string => text.replace(/[^\r\n]/gu, ' ');
  return body
    .replace(/^(`{3,}(?!`)|~{3,}(?!~))[^\n]*\n[\s\S]*?(?:^\1[`~]*[ \t]*$|(?![\s\S]))/gmu, blank)
    .replace(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/gu, blank);
}

/** Relative to the prompt file, as Markdown links are; with a slash before it and in `#file:`, to the workspace folder. */
function linkedPath(promptPath: string, target: string, fromRoot: boolean, line: number): string | undefined {
  if (target.startsWith('#') || /^[a-z][a-z0-9+.-]+:/iu.test(target) || target.startsWith('//')) return undefined;
  const bare = decoded(target.replace(/[?#].*$/su, ''));
  if (bare === '') return undefined;
  const outside = (): HandrailError =>
    new HandrailError('config', `${promptPath} points out of the workspace: ${target}`, {
      hint: 'Point to files inside the workspace folder only.',
      location: { path: promptPath, line },
    });
  const isRooted = bare.startsWith('/');
  const relative = isRooted ? bare.replace(/^\/+/u, '') : bare;
  if (relative.includes('\0') || /^[A-Za-z]:/u.test(relative) || relative.includes('\\..')) throw outside();
  const path = joined(fromRoot || isRooted ? '' : folderOf(promptPath), relative);
  if (path === undefined || unsafePath(path) !== undefined) throw outside();
  return path === '' ? undefined : path;
}

/** Undefined when the path climbs over the workspace folder. */
function joined(folder: string, path: string): string | undefined {
  const result: string[] = [];
  for (const segment of `${folder}/${path}`.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') result.push(segment);
    else if (result.pop() === undefined) return undefined;
  }
  return result.join('/');
}

function folderOf(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const VARIABLE =
  /\$\{(?<name>workspaceFolder|workspaceFolderBasename|file|fileBasename|fileDirname|fileBasenameNoExtension|relativeFile|selection|selectedText|input:[^}:\n]{1,100})(?::(?<placeholder>[^}\n]{0,500}))?\}/gu;

/** Names of the values that a prompt file asks the person for, with what it suggests. */
export function promptInputs(body: string): { name: string; placeholder: string }[] {
  const inputs = new Map<string, string>();
  for (const { groups } of body.matchAll(VARIABLE)) {
    const name = /^input:(.+)$/u.exec(groups?.['name'] ?? '')?.[1]?.trim();
    if (name !== undefined && !inputs.has(name)) inputs.set(name, groups?.['placeholder'] ?? '');
  }
  return [...inputs].map(([name, placeholder]) => ({ name, placeholder }));
}

/** The body with its variables replaced. One without a value stays as it is, and is told. Absolute paths are never put in. */
export function fillVariables({ path, body }: PromptFile, values: PromptValues): { text: string; notices: string[] } {
  const missing = new Set<string>();
  const text = body.replace(VARIABLE, (whole, ...rest) => {
    const groups = rest.at(-1) as { name: string; placeholder?: string };
    const value = valueOf(groups.name, groups.placeholder, values);
    if (value === undefined) missing.add(whole);
    return value ?? whole;
  });
  return { text, notices: [...missing].map((variable) => `${path} uses ${variable}, which has no value here.`) };
}

function valueOf(
  name: string,
  placeholder: string | undefined,
  { file, selected, workspaceName, inputs }: PromptValues,
): string | undefined {
  if (name.startsWith('input:')) {
    const input = name.slice('input:'.length).trim();
    return Object.hasOwn(inputs, input) ? inputs[input] : placeholder || undefined;
  }
  const base = file?.split('/').at(-1);
  switch (name) {
    case 'workspaceFolder':
      return '.';
    case 'workspaceFolderBasename':
      return workspaceName;
    case 'selection':
    case 'selectedText':
      return selected ? 'the selected lines shown below' : undefined;
    case 'file':
    case 'relativeFile':
      return file;
    case 'fileBasename':
      return base;
    case 'fileDirname':
      return file === undefined ? undefined : folderOf(file) || '.';
    default:
      return base?.replace(/(?<=.)\.[^.]*$/u, '');
  }
}
