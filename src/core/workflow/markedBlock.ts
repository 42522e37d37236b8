import { HandrailError } from '../errors.ts';

/** Lines between which a block of ours stands in a text that belongs to someone else. */
export interface Marks {
  start: string;
  end: string;
}

/**
 * The text with the block in it: in the place of an earlier one, else behind what is there, with a blank line between. Everything
 * else stays as it is, byte order mark and line ends included. The block begins and ends with its marks, without a line break.
 * @throws HandrailError `config` when the marks that are there do not make one pair. `name` is what the sentence calls the text.
 */
export function withMarkedBlock(text: string, block: string, marks: Marks, { name, path }: { name: string; path?: string }): string {
  if (text === '' || text === '\ufeff') return `${text}${block}\n`;
  const eol = /\r\n/.test(text) ? '\r\n' : '\n';
  const fitting = block.replaceAll('\n', eol);
  const place = markedPlace(text, marks);
  if (place === 'broken') {
    throw new HandrailError('config', `The marks of Handrail's part in ${name} do not make one pair.`, {
      hint: `Leave one line ${marks.start} and one line ${marks.end} after it, or remove both.`,
      ...(path === undefined ? {} : { location: { path, line: firstMark(text, marks) } }),
    });
  }
  if (place !== undefined) return text.slice(0, place.from) + fitting + text.slice(place.to);
  const gap = /\n[ \t]*\r?\n$/.test(text) ? '' : text.endsWith('\n') ? eol : eol + eol;
  return `${text}${gap}${fitting}${eol}`;
}

/** The text without the block and its marks; as it is when they do not make one pair. */
export function withoutMarkedBlock(text: string, marks: Marks): string {
  const place = markedPlace(text, marks);
  return place === undefined || place === 'broken' ? text : text.slice(0, place.from) + text.slice(place.to);
}

/** Where the block stands; a mark counts only on a line of its own. */
function markedPlace(text: string, marks: Marks): { from: number; to: number } | 'broken' | undefined {
  const starts = linesOf(text, marks.start);
  const ends = linesOf(text, marks.end);
  const [start] = starts;
  const [end] = ends;
  if (start === undefined && end === undefined) return undefined;
  if (start === undefined || end === undefined || starts.length > 1 || ends.length > 1 || end < start) return 'broken';
  return { from: start, to: end + marks.end.length };
}

function linesOf(text: string, mark: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) {
    const opensLine = at === 0 || text[at - 1] === '\n' || (at === 1 && text.startsWith('\ufeff'));
    if (opensLine && /^[ \t]*(?:\r?\n|$)/.test(text.slice(at + mark.length, at + mark.length + 200))) places.push(at);
  }
  return places;
}

function firstMark(text: string, marks: Marks): number {
  const first = Math.min(...linesOf(text, marks.start), ...linesOf(text, marks.end));
  return text.slice(0, first).split('\n').length;
}
