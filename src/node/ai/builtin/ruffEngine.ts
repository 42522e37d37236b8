import type * as Ruff from '@astral-sh/ruff-wasm-nodejs';
import { splitLines, type Diagnostic } from './diagnostic.ts';
import { loadEngine } from './engineFiles.ts';
import { ruffCategory, ruffOffersFix, ruffSeverity, ruffTitle, ruffWhy } from './ruffRules.ts';
import { RUFF_OPTIONS } from './ruffSelection.ts';

const MOST_DIAGNOSTICS = 200;

interface Position {
  row: number;
  column: number;
}

/** Ruff over one Python file at a time. */
export class RuffEngine {
  readonly #workspace: Ruff.Workspace;

  constructor() {
    const ruff = loadEngine('ruff') as typeof Ruff;
    this.#workspace = new ruff.Workspace(RUFF_OPTIONS, ruff.PositionEncoding.Utf16);
  }

  review(path: string, text: string): Diagnostic[] {
    const found = this.#workspace.check(text) as Ruff.Diagnostic[];
    const syntax = found.find((diagnostic) => diagnostic.code === null || diagnostic.code === 'invalid-syntax');
    if (syntax !== undefined) return [syntaxError(syntax)];
    const offsetOf = createOffsets(text);
    // What a package's __init__ imports is there for others, and its __all__ may name submodules.
    const reexports = path.endsWith('__init__.py');
    return found
      .filter(({ code }) => !(reexports && (code === 'F401' || code === 'F822')))
      .toSorted((a, b) => a.start_location.row - b.start_location.row || a.start_location.column - b.start_location.column)
      .slice(0, MOST_DIAGNOSTICS)
      .map((diagnostic) => toDiagnostic(diagnostic, text, offsetOf));
  }
}

function toDiagnostic(diagnostic: Ruff.Diagnostic, text: string, offsetOf: (position: Position) => number): Diagnostic {
  const code = diagnostic.code ?? '';
  const help = diagnostic.subDiagnostics.map((sub) => sentence(sub.message));
  const why = ruffWhy(code);
  const fixed = ruffOffersFix(code) ? applyEdits(text, diagnostic, offsetOf) : undefined;
  return {
    rule: `ruff/${code}`,
    startLine: diagnostic.start_location.row,
    endLine: lastRow(diagnostic.start_location, diagnostic.end_location),
    severity: ruffSeverity(code),
    category: ruffCategory(code),
    title: ruffTitle(code) ?? sentence(plain(diagnostic.message)),
    message: [...(why === undefined ? [] : [why]), ...help].join(' ') || `Ruff's rule ${code} reports this as likely wrong.`,
    ...(fixed === undefined ? {} : { fixed }),
  };
}

function syntaxError(diagnostic: Ruff.Diagnostic): Diagnostic {
  const { row } = diagnostic.start_location;
  return {
    rule: 'ruff/syntax',
    startLine: row,
    endLine: row,
    severity: 'high',
    category: 'syntax',
    title: 'The file has a syntax error.',
    message: sentence(diagnostic.message),
  };
}

/** A range that ends before the first column of a line does not touch that line. */
function lastRow(start: Position, end: Position): number {
  return end.column <= 1 && end.row > start.row ? end.row - 1 : end.row;
}

/**
 * The text with Ruff's fix, where it replaces or removes code on the diagnostic's own lines; a rewrite elsewhere is for a person to write.
 */
function applyEdits(
  text: string,
  { fix, start_location: start, end_location: end }: Ruff.Diagnostic,
  offsetOf: (position: Position) => number,
): string | undefined {
  const edits = fix?.edits ?? [];
  if (edits.length === 0 || edits.some((edit) => edit.location.row < start.row || lastRow(edit.location, edit.end_location) > end.row))
    return undefined;
  const ordered = edits.toSorted((a, b) => offsetOf(b.location) - offsetOf(a.location));
  let result = text;
  for (const edit of ordered)
    result = result.slice(0, offsetOf(edit.location)) + (edit.content ?? '') + result.slice(offsetOf(edit.end_location));
  return result;
}

/** UTF-16 offset of a position whose row and column count from 1. */
function createOffsets(text: string): (position: Position) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return ({ row, column }) => (starts[row - 1] ?? text.length) + column - 1;
}

function plain(message: string): string {
  return message.replaceAll('`', '');
}

function sentence(text: string): string {
  const line = splitLines(text.trim()).join(' ');
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
