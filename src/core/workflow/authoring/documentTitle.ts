import { childOf } from '../../yaml/grammar.ts';
import { parseLocatedYaml } from '../../yaml/locatedYaml.ts';

/** What a document of the repository calls itself, as a hover shows it: at most this many characters. */
const MAX_TITLE = 120;

/** The description of a prompt file, the title of a workflow, the first heading of anything else; undefined where it has none. */
export function documentTitle(path: string, text: string): string | undefined {
  const head = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1];
  const title = /\.ya?ml$/.test(path) ? fieldOf(text, 'title') : ((head && fieldOf(head, 'description')) ?? heading(text));
  return title === undefined || title.trim() === '' ? undefined : clip(title.trim());
}

function fieldOf(text: string, key: string): string | undefined {
  const value = childOf(parseLocatedYaml(text, { lenient: true }).value, key);
  return typeof value === 'string' ? value : undefined;
}

function heading(text: string): string | undefined {
  return /^ {0,3}#{1,6}[ \t]+(\S.*)$/m.exec(text.slice(0, 20_000))?.[1]?.trim();
}

function clip(text: string): string {
  return text.length > MAX_TITLE ? `${text.slice(0, MAX_TITLE - 1)}…` : text;
}
