import type { TextEdit } from '@biomejs/wasm-nodejs';

/**
 * Applies Biome's compressed edit (crate `biome_text_edit`): operations over a dictionary by UTF-8 byte range, and runs of
 * unchanged lines left out of it. Undefined when the operations do not use up the text exactly; then it is another format.
 */
export function applyTextEdit(text: string, edit: TextEdit): string | undefined {
  const source = Buffer.from(text);
  const dictionary = Buffer.from(edit.dictionary);
  const pieces: Buffer[] = [];
  let at = 0;
  for (const operation of edit.ops) {
    if ('equalLines' in operation) {
      // The count is of line breaks after the current line, so one more line is passed.
      const end = afterLines(source, at, operation.equalLines.line_count + 1);
      pieces.push(source.subarray(at, end));
      at = end;
      continue;
    }
    const change = operation.diffOp;
    const [start, end] = 'equal' in change ? change.equal.range : 'insert' in change ? change.insert.range : change.delete.range;
    const piece = dictionary.subarray(start, end);
    if ('insert' in change) {
      pieces.push(piece);
      continue;
    }
    if (!source.subarray(at, at + piece.length).equals(piece)) return undefined;
    at += piece.length;
    if ('equal' in change) pieces.push(piece);
  }
  return at === source.length ? Buffer.concat(pieces).toString() : undefined;
}

function afterLines(bytes: Buffer, from: number, count: number): number {
  let at = from;
  for (let left = count; left > 0 && at < bytes.length; left -= 1) {
    const newline = bytes.indexOf(10, at);
    at = newline === -1 ? bytes.length : newline + 1;
  }
  return at;
}
