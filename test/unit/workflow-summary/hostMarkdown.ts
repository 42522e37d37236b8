import { marked } from 'marked';

/** What a code host would draw from Markdown: its tags, and its text outside of code, where hosts look for mentions and references. */
export interface Rendered {
  tags: Set<string>;
  /** Text outside of code, entities resolved. */
  prose: string;
  /** All text, without the zero-width spaces that keep signs and names apart. */
  text: string;
  /** Texts of the cells of each row, header included. */
  rows: string[][];
}

export function render(markdown: string): Rendered {
  const html = marked.parse(markdown, { async: false, gfm: true }).replace(/<!--[\s\S]*?-->/g, '');
  return {
    tags: new Set([...html.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, name = '']) => name.toLowerCase())),
    prose: textOf(html.replace(/<code>[\s\S]*?<\/code>/g, ' ')),
    text: textOf(html).replaceAll('\u200b', ''),
    rows: [...html.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map(([, row = '']) =>
      [...row.matchAll(/<t[dh]>([\s\S]*?)<\/t[dh]>/g)].map(([, cell = '']) => textOf(cell).replaceAll('\u200b', '')),
    ),
  };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

function textOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:#(\d+)|(\w+));/g, (all, code: string | undefined, name: string) =>
      code === undefined ? (ENTITIES[name] ?? all) : String.fromCodePoint(Number(code)),
    );
}

/** What a host would turn into a link, a mention or a reference, although the Markdown has none. */
export const REFERENCES: readonly RegExp[] = [
  /@[\p{L}\p{N}_-]/u,
  /[#!&%~$]\d/,
  /[~%]["\p{L}]/u,
  /\bGH-\d/i,
  /:\/\//,
  /\bwww\.[^\s\u200b]/i,
  /\b(?:mailto|xmpp):[^\s\u200b]/i,
];
