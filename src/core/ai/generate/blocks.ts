/** More than this is no answer any more; the parser stops reading. UTF-16 units. */
const MAX_ANSWER_LENGTH = 2_000_000;
const MAX_BLOCKS = 500;
/** What is said beside the blocks is shown to a person, so more of it is of no use. */
const MAX_PROSE_LENGTH = 20_000;
/** Each costs a copy of the block, so that more would take the time of the square of its length. */
const MAX_READINGS = 12;
/** A longer line is no path and no marker. */
const MAX_MARKER_LENGTH = 1000;

/** A search-and-replace block as the model wrote it, before it is placed. */
export interface EditBlock {
  /** As written; empty when the block names none and neither did one before it. */
  path: string;
  /**
   * The ways to read it, most often one: a line in the text may look like the line between the two parts, and only the file tells which
   * one it is.
   */
  readings: BlockReading[];
  /** Why it cannot be used whatever the file holds, as a plain sentence. */
  damage?: string;
}

export interface BlockReading {
  /** Lines that are to be found; none for a new file. */
  search: string[];
  replacement: string[];
}

export interface BlocksEnd {
  blocks: EditBlock[];
  /** What stands beside the blocks, without paths and code fences. */
  prose: string;
  /** The text ends inside a block. */
  cutOff: boolean;
  /** Reading stopped at a limit. */
  overLimit: boolean;
}

interface OpenBlock {
  path: string;
  /** With it, only markers that carry it too count: the text itself holds look-alikes. */
  tag: string;
  lines: string[];
  /** Indices into {@link lines} of what looks like the line between the parts. */
  dividers: number[];
}

const OPENING = /^\s{0,8}<{5,9} ?SEARCH\b(?<rest>.*)$/u;
const DIVIDER = /^\s{0,8}={5,9}(?<rest>\s.*)?$/u;
const CLOSING = /^\s{0,8}>{5,9} ?REPLACE\b(?<rest>.*)$/u;
const TAG = /#([\w-]{4,40})\s*$/u;
const FENCE = /^\s*(?:`{3,}|~{3,})\s*(?<info>.*)$/u;

/**
 * Reads search-and-replace blocks out of a model's answer while it arrives:
 *
 *     src/cart.ts
 *     <<<<<<< SEARCH
 *     lines as they are
 *     =======
 *     lines as they should be
 *     >>>>>>> REPLACE
 *
 * An empty first part makes a new file of the second. Prose and code fences around blocks are passed over, `\r\n` is taken for `\n`.
 * Cut off anywhere, every block that was complete is kept. Time is linear in the length of the answer: each line is looked at once.
 */
export class BlockParser {
  readonly #blocks: EditBlock[] = [];
  readonly #prose: string[] = [];
  #proseLength = 0;
  #pending: string[] = [];
  #open: OpenBlock | undefined;
  #lastPath = '';
  /** The line before, when it may be the path of the block that follows. */
  #candidate: { text: string; inProse: boolean } | undefined;
  #length = 0;
  #stopped = false;

  /** Blocks that are complete so far. */
  get count(): number {
    return this.#blocks.length;
  }

  /** The files of the complete blocks as the model names them, in the order in which it came to them. */
  get files(): string[] {
    return [...new Set(this.#blocks.map(({ path }) => path).filter((path) => path !== ''))];
  }

  /** A limit was reached: more text is not read, and the request may be ended. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Takes the next piece of the answer. */
  push(piece: string): void {
    if (this.#stopped) return;
    this.#length += piece.length;
    const parts = piece.split('\n');
    for (const [index, part] of parts.entries()) {
      this.#pending.push(part);
      if (index < parts.length - 1) this.#endLine();
    }
    if (this.#length > MAX_ANSWER_LENGTH || this.#blocks.length >= MAX_BLOCKS) this.#stopped = true;
  }

  /** Call once, after the last piece. */
  finish(): BlocksEnd {
    this.#endLine();
    const open = this.#open;
    if (open) this.#add(open, this.#stopped ? 'The answer was too long and was ended inside this block.' : CUT_OFF);
    return {
      blocks: this.#blocks,
      prose: this.#prose
        .join('\n')
        .replace(/\n{3,}/gu, '\n\n')
        .trim(),
      cutOff: open !== undefined && !this.#stopped,
      overLimit: this.#stopped,
    };
  }

  #endLine(): void {
    // Joined only here, so that an answer in single characters costs no more than one in one piece.
    const line = this.#pending.join('').replace(/\r$/u, '');
    this.#pending = [];
    if (this.#open) this.#readInside(this.#open, line);
    else this.#readOutside(line);
  }

  #readOutside(line: string): void {
    const opening = match(OPENING, line);
    if (opening !== undefined) {
      this.#begin(opening);
      return;
    }
    if (match(CLOSING, line) !== undefined && this.#blocks.length > 0) {
      this.#doubt();
      return;
    }
    const fence = line.length <= MAX_MARKER_LENGTH ? FENCE.exec(line) : null;
    if (fence) {
      const path = pathIn(fence.groups?.['info'] ?? '');
      if (path !== '') this.#candidate = { text: path, inProse: false };
      return;
    }
    if (line.trim() !== '') {
      const path = line.length <= MAX_MARKER_LENGTH ? pathIn(line) : '';
      this.#candidate = path === '' ? undefined : { text: path, inProse: true };
    }
    this.#say(line);
  }

  #begin(rest: string): void {
    const tag = TAG.exec(rest)?.[1] ?? '';
    const named = pathIn(rest.replace(TAG, '').replace(/^\s*[:-]?\s*/u, ''));
    const candidate = this.#candidate;
    // The path is no part of what the model says.
    if (candidate?.inProse && named === '') this.#unsay();
    const path = named || (candidate?.text ?? '') || this.#lastPath;
    this.#candidate = undefined;
    this.#lastPath = path;
    this.#open = { path, tag, lines: [], dividers: [] };
  }

  #readInside(open: OpenBlock, line: string): void {
    const closing = match(CLOSING, line);
    if (closing !== undefined && isMine(open, closing)) {
      this.#open = undefined;
      this.#add(open, undefined);
      return;
    }
    const opening = match(OPENING, line);
    if (opening !== undefined && open.tag === '') {
      // The block before was never ended; what is open now is what the model goes on with.
      this.#open = undefined;
      this.#add(open, 'The model began the next block before it ended this one.');
      this.#begin(opening);
      return;
    }
    const divider = match(DIVIDER, line);
    if (divider !== undefined && isMine(open, divider)) open.dividers.push(open.lines.length);
    open.lines.push(line);
  }

  #add(open: OpenBlock, damage: string | undefined): void {
    const { dividers, lines, path } = open;
    const readings = dividers.slice(0, MAX_READINGS).map((at) => ({ search: lines.slice(0, at), replacement: lines.slice(at + 1) }));
    const because = damage ?? divisionDamage(dividers.length);
    this.#blocks.push({
      path,
      readings: readings.length > 0 ? readings : [{ search: lines, replacement: [] }],
      ...(because === undefined ? {} : { damage: because }),
    });
  }

  /** A block was ended once more, so what ended it before was probably a line of its text. */
  #doubt(): void {
    const last = this.#blocks.at(-1);
    if (last && last.damage === undefined) last.damage = 'Its text holds a line that looks like its end, so the rest of it is lost.';
  }

  #say(line: string): void {
    const room = MAX_PROSE_LENGTH - this.#proseLength;
    if (room <= 0) return;
    this.#proseLength += line.length + 1;
    this.#prose.push(line.slice(0, room));
  }

  #unsay(): void {
    while (this.#prose.at(-1)?.trim() === '') this.#prose.pop();
    this.#prose.pop();
  }
}

const CUT_OFF = 'The answer was cut off inside this block.';

function divisionDamage(dividers: number): string | undefined {
  if (dividers === 0) return 'The block lacks the line between what is there and what should be.';
  return dividers > MAX_READINGS ? 'Its text holds too many lines of equals signs to tell its two parts apart.' : undefined;
}

/** What follows the marker's word; undefined when the line is none. */
function match(marker: RegExp, line: string): string | undefined {
  if (line.length > MAX_MARKER_LENGTH) return undefined;
  const found = marker.exec(line);
  return found ? (found.groups?.['rest'] ?? '') : undefined;
}

/** In a block with a tag, a marker without it is text. */
function isMine({ tag }: OpenBlock, rest: string): boolean {
  if (tag !== '') return TAG.exec(rest)?.[1] === tag;
  // `======= Heading` is a line of some file; the marker stands alone.
  return rest.trim() === '' || TAG.test(rest);
}

const LEADING = /^[\s#>]*(?:(?:[-*+]|\d+[.)])\s+)?/u;
const LABEL = /^(?:file(?:name)?|path|new file|in)\s*:\s*/iu;
const REMARK = /\s*\((?:new|new file|create|created|edit|edited|modified|updated?)\)$/iu;
const PLACE = /:\d{1,9}(?:-\d{1,9})?$/u;
const WRAPPERS = ['**', '__', '`', '"', "'", '*'] as const;

/** The path in a line that holds nothing else, without Markdown around it; empty when it is none. */
function pathIn(line: string): string {
  const bare = line.replace(LEADING, '').trim();
  const spans = [...bare.matchAll(/`([^`]+)`/gu)].map((match) => (match[1] ?? '').trim());
  // In a sentence the path is what stands in code.
  if (spans.length === 1 && looksLikePath(spans[0] ?? '')) return spans[0] ?? '';
  const plain = unwrapped(unwrapped(bare.replace(/[:,.;]+$/u, '')).replace(LABEL, ''))
    .replace(REMARK, '')
    .replace(PLACE, '');
  const words = plain.split(/\s+/u);
  // After the language of a code fence.
  const last = words.at(-1) ?? '';
  if (words.length === 2 && /^[a-z+#]{1,12}$/iu.test(words[0] ?? '') && /[./]/u.test(last)) return last;
  return words.length <= MAX_PATH_WORDS && looksLikePath(plain) ? plain : '';
}

/** Prose has more words than a path. */
const MAX_PATH_WORDS = 8;

/** A path has a slash or an extension. */
function looksLikePath(text: string): boolean {
  return text.length > 0 && text.length <= 400 && /^[^<>|?*\0]+$/u.test(text) && /\/|\.[\w-]{1,12}$/u.test(text);
}

function unwrapped(text: string): string {
  const trimmed = text.trim();
  const around = WRAPPERS.find((mark) => trimmed.length > 2 * mark.length && trimmed.startsWith(mark) && trimmed.endsWith(mark));
  return around === undefined ? trimmed.replace(/:+$/u, '') : unwrapped(trimmed.slice(around.length, -around.length));
}
