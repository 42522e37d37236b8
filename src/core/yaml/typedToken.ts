import type { TextSpan } from '../workflow/problem.ts';

/** How a scalar is written, which decides how text inside it has to be escaped. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'block';

/** The word, key or text at a place of a file that is still being typed. */
export interface TypedToken {
  style: ScalarStyle;
  /** Quotes included. Empty where nothing stands. */
  span: TextSpan;
  /** Without the quotes; of a block scalar the line. */
  inner: TextSpan;
  /** A colon follows, so it is the name of a key. */
  isKey: boolean;
  /** Brackets around it. */
  depth: number;
}

/** What of a line before carries over to the next. */
interface Carried {
  depth: number;
  /** Column of the line on which the outermost bracket or the quote was opened. */
  column: number;
  quote?: { mark: '"' | "'"; start: number };
  /** Column of the key whose block scalar goes on as long as lines are indented deeper. */
  block?: number;
}

/**
 * Finds the token at an offset by the marks of YAML alone, line by line, so that a mistake anywhere in the file does not hide it. A
 * bracket or quote that nobody closed ends where the indentation does. Undefined in a comment.
 */
export function typedTokenAt(text: string, offset: number): TypedToken | undefined {
  let carried: Carried = { depth: 0, column: 0 };
  for (let start = 0; ;) {
    const next = text.indexOf('\n', start);
    const end = next < 0 ? text.length : text.charAt(next - 1) === '\r' && next > start ? next - 1 : next;
    const line = new Line(text, start, end, carried);
    if (offset <= end || next < 0) return line.tokenAt(Math.min(offset, end));
    carried = line.carry();
    start = next + 1;
  }
}

/** Where quotes begin that are closed neither on their line nor where the text may go on below. */
export function openQuotes(text: string): number[] {
  const found: number[] = [];
  let carried: Carried = { depth: 0, column: 0 };
  for (let start = 0; ;) {
    const next = text.indexOf('\n', start);
    const line = new Line(text, start, next < 0 ? text.length : next, carried);
    carried = line.carry();
    found.push(...line.unclosed);
    if (next < 0) return found;
    start = next + 1;
  }
}

/** Whether only white space stands before the offset on its line, or else the column of the dash that does. */
export function beginsLine(text: string, offset: number): { blank: boolean; dash?: number } {
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  if (/^[ \t]*$/.test(before)) return { blank: true };
  return /^[ \t]*(?:-[ \t]+)+$/.test(before) ? { blank: false, dash: before.trimEnd().length - 1 } : { blank: false };
}

/** Units between the beginning of the line and the offset. */
export function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

class Line {
  readonly #text: string;
  readonly #start: number;
  readonly #end: number;
  readonly #indent: number;
  #depth: number;
  #column: number;
  #quote: Carried['quote'];
  readonly #block: number | undefined;
  /** Quotes that begin on this line and are closed nowhere; known once the line was carried over. */
  readonly unclosed: number[] = [];

  constructor(text: string, start: number, end: number, carried: Carried) {
    this.#text = text;
    this.#start = start;
    this.#end = end;
    const line = text.slice(start, end);
    this.#indent = line.length - line.trimStart().length;
    const isBlank = this.#indent === line.length;
    this.#block = carried.block !== undefined && (isBlank || this.#indent > carried.block) ? carried.block : undefined;
    const goesOn = isBlank || this.#indent > carried.column || /^[ \t]*[\]}]/.test(line);
    this.#depth = goesOn ? carried.depth : 0;
    this.#quote = goesOn ? carried.quote : undefined;
    this.#column = this.#depth > 0 || this.#quote ? carried.column : this.#indent;
  }

  tokenAt(offset: number): TypedToken | undefined {
    if (this.#block !== undefined) {
      if (offset < this.#start + this.#indent) return undefined;
      const span = { start: this.#start + this.#indent, end: this.#end };
      return { style: 'block', span, inner: span, isKey: false, depth: 0 };
    }
    let last: number = this.#start;
    for (const token of this.#tokens()) {
      if (token === 'comment') return undefined;
      last = token.span.end;
      // White space after plain text may be followed by more of it.
      const isOpenEnded = token.style === 'plain' && !token.isKey && this.#text.slice(token.span.end, offset).trim() === '';
      const isQuoted = token.style !== 'plain';
      if (isQuoted ? offset <= token.span.start : offset < token.span.start) return this.#nothing(offset, token.depth);
      const isClosed = isQuoted && token.inner.end < token.span.end;
      if (offset < token.span.end || (offset === token.span.end && !isClosed)) return token;
      if (isOpenEnded && this.#nextIsEnd(token.span.end)) {
        return { ...token, span: { ...token.span, end: offset }, inner: { ...token.inner, end: offset } };
      }
    }
    const comment = this.#text.slice(last, offset).search(/(?:^|[ \t])#/);
    return comment >= 0 ? undefined : this.#nothing(offset, this.#depth);
  }

  carry(): Carried {
    if (this.#block !== undefined) return { depth: 0, column: 0, block: this.#block };
    for (const _ of this.#tokens());
    const header = /(?:^|[ \t])[|>][+\-0-9]*[ \t]*(?:#.*)?$/.exec(this.#text.slice(this.#start, this.#end));
    const block = header && this.#depth === 0 && !this.#quote ? this.#blockColumn() : undefined;
    return {
      depth: this.#depth,
      column: this.#column,
      ...(this.#quote && { quote: this.#quote }),
      ...(block !== undefined && { block }),
    };
  }

  /** Column of the innermost key or dash on the line: what a block scalar has to be indented deeper than. */
  #blockColumn(): number {
    const marks = /^[ \t]*(?:-[ \t]+)*/.exec(this.#text.slice(this.#start, this.#end))?.[0] ?? '';
    const rest = this.#text.slice(this.#start + marks.length, this.#end);
    return /^[|>]/.test(rest) ? Math.max(0, marks.trimEnd().length - 1) : marks.length;
  }

  #nextIsEnd(from: number): boolean {
    const rest = this.#text.slice(from, this.#end).trim();
    return rest === '' || rest.startsWith('#') || (this.#depth > 0 && /^[,\]}]/.test(rest));
  }

  #nothing(offset: number, depth: number): TypedToken {
    const span = { start: offset, end: offset };
    return { style: 'plain', span, inner: span, isKey: false, depth };
  }

  /** The tokens of the line in order; at the end, depth and quote are those that the next line begins with. */
  *#tokens(): Generator<TypedToken | 'comment'> {
    let at = this.#start;
    if (this.#quote) {
      const end = this.#closing(at, this.#quote.mark);
      const span = { start: this.#quote.start, end: end ?? this.#end };
      yield {
        style: styleOf(this.#quote.mark),
        span,
        inner: { start: span.start + 1, end: end ? end - 1 : this.#end },
        isKey: false,
        depth: this.#depth,
      };
      if (end === undefined) return;
      this.#quote = undefined;
      at = end;
    }
    while (at < this.#end) {
      const char = this.#text.charAt(at);
      if (/\s/.test(char)) at++;
      else if (char === '#' && (at === this.#start || /\s/.test(this.#text.charAt(at - 1)))) return void (yield 'comment');
      else if (char === '"' || char === "'") {
        const end = this.#closing(at + 1, char);
        yield this.#quoted(at, end, char);
        if (end === undefined && this.#goesOnBelow(char)) this.#quote = { mark: char, start: at };
        else if (end === undefined) this.unclosed.push(at);
        at = end ?? this.#end;
      } else if (char === '[' || char === '{') {
        if (this.#depth === 0) this.#column = this.#indent;
        this.#depth++;
        at++;
      } else if (this.#depth > 0 && (char === ']' || char === '}')) {
        this.#depth--;
        at++;
      } else if ((this.#depth > 0 && char === ',') || (char === ':' && this.#isColon(at)) || this.#isMark(at)) at++;
      else if (char === '&' || char === '!') at += this.#propertyLength(at);
      else {
        const token = this.#plain(at);
        yield token;
        at = token.span.end;
      }
    }
  }

  /** An anchor or a tag, which stands before what it belongs to. */
  #propertyLength(at: number): number {
    return /^[&!][^\s,[\]{}]*/.exec(this.#text.slice(at, this.#end))?.[0].length ?? 1;
  }

  /** A dash or question mark of a block collection. */
  #isMark(at: number): boolean {
    const char = this.#text.charAt(at);
    if ((char !== '-' && char !== '?') || this.#depth > 0) return false;
    return (
      /^[ \t]*(?:[-?][ \t]+)*$/.test(this.#text.slice(this.#start, at)) && (at + 1 >= this.#end || /\s/.test(this.#text.charAt(at + 1)))
    );
  }

  #isColon(at: number): boolean {
    const next = this.#text.charAt(at + 1);
    return at + 1 >= this.#end || /\s/.test(next) || (this.#depth > 0 && /[,[\]{}]/.test(next));
  }

  #plain(start: number): TypedToken {
    let end = start;
    for (let at = start; at < this.#end; at++) {
      const char = this.#text.charAt(at);
      if (char === ':' && this.#isColon(at)) break;
      if (char === '#' && at > start && /\s/.test(this.#text.charAt(at - 1))) break;
      if (this.#depth > 0 && /[,[\]{}]/.test(char)) break;
      if (!/\s/.test(char)) end = at + 1;
    }
    const span = { start, end };
    return { style: 'plain', span, inner: span, isKey: this.#colonFollows(end), depth: this.#depth };
  }

  #quoted(start: number, end: number | undefined, mark: '"' | "'"): TypedToken {
    const span = { start, end: end ?? this.#end };
    const inner = { start: start + 1, end: end === undefined ? this.#end : end - 1 };
    return { style: styleOf(mark), span, inner, isKey: end !== undefined && this.#colonFollows(end), depth: this.#depth };
  }

  #colonFollows(end: number): boolean {
    const colon = end + (/^[ \t]*/.exec(this.#text.slice(end, this.#end))?.[0].length ?? 0);
    return this.#text.charAt(colon) === ':' && colon < this.#end && this.#isColon(colon);
  }

  /** Just behind the closing mark, or undefined when it is not on this line. */
  #closing(from: number, mark: '"' | "'"): number | undefined {
    for (let at = from; at < this.#end; at++) {
      const char = this.#text.charAt(at);
      if (char === '\\' && mark === '"') at++;
      else if (char === mark) {
        if (mark === "'" && this.#text.charAt(at + 1) === "'") at++;
        else return at + 1;
      }
    }
    return undefined;
  }

  /** Whether an open quote is closed before the indentation ends; else it is one that somebody is about to close. */
  #goesOnBelow(mark: string): boolean {
    for (let start = this.#end + 1; start < this.#text.length;) {
      const end = this.#text.indexOf('\n', start);
      const line = this.#text.slice(start, end < 0 ? this.#text.length : end);
      const indent = line.length - line.trimStart().length;
      if (line.trim() !== '' && indent <= this.#indent) return false;
      if (line.includes(mark)) return !/^[ \t]*(?:- +)?[\w-]+:(?:[ \t]|$)/.test(line);
      start = end < 0 ? this.#text.length : end + 1;
    }
    return false;
  }
}

function styleOf(mark: '"' | "'"): ScalarStyle {
  return mark === '"' ? 'double' : 'single';
}
