import type { ScalarStyle } from '../../yaml/typedToken.ts';

/** Writing values into YAML so that they read as they were meant, wherever they stand. */

/** Text of a value for a place: inside quotes that are there already, in a block of text, or plain, with quotes where it needs some. */
export function written(value: string | number | boolean, style: ScalarStyle, inBrackets: boolean): string {
  if (typeof value !== 'string') return String(value);
  switch (style) {
    case 'double':
      return JSON.stringify(value).slice(1, -1);
    case 'single':
      return value.replaceAll("'", "''");
    case 'block':
      return value;
    case 'plain':
      return needsQuotes(value, inBrackets) ? JSON.stringify(value) : value;
  }
}

/** Whether plain text would be read as something else than this text. Braces are quoted everywhere, as people do. */
function needsQuotes(value: string, inBrackets: boolean): boolean {
  if (value === '' || value !== value.trim() || /[\n\r\t]/.test(value)) return true;
  if (/^[!&*?|>%@`"'#,[\]{}:-]/.test(value) || /:(?:\s|$)|\s#/.test(value) || value.includes('{')) return true;
  if (/^(?:true|false|null|~|[-+]?\.(?:inf|nan))$/i.test(value) || /^[-+]?\.?\d[\d_.eExXoO+-]*$/.test(value)) return true;
  return inBrackets && /[,[\]{}]/.test(value);
}

/** Text for a snippet, in which `$`, `}` and `\` would mean something. */
export function inSnippet(text: string): string {
  return text.replace(/[\\$}]/g, '\\$&');
}

/** A snippet's choice between values. */
export function choiceSnippet(stop: number, values: readonly string[]): string {
  return `\${${stop}|${values.map((value) => value.replace(/[\\,|$}]/g, '\\$&')).join(',')}|}`;
}
