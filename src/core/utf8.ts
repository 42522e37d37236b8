/**
 * Index of the first byte that does not belong to well-formed UTF-8 (Unicode 16, table 3-7), or undefined when all do. A sequence that
 * is cut off or wrong inside is reported at its first byte.
 */
export function firstInvalidUtf8(bytes: Uint8Array): number | undefined {
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return undefined;
}

/** Bytes of the sequence that begins here; 0 when none does. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  for (let next = 1; next < length; next++) {
    const byte = bytes[at + next] ?? 0;
    if (byte < (next === 1 ? lowest(first) : 0x80) || byte > (next === 1 ? highest(first) : 0xbf)) return 0;
  }
  return length;
}

/** Below it the character would have a shorter form. */
function lowest(first: number): number {
  return first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
}

/** Above it come halves of pairs and what Unicode does not have. */
function highest(first: number): number {
  return first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
}

/** Line and column of a byte in UTF-8 text, counting from 1 in UTF-16 units; what comes before the byte has to be well-formed. */
export function placeOfByte(bytes: Uint8Array, index: number, decode: (part: Uint8Array) => string): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let at = 0; at < index; at++) {
    if (bytes[at] !== 0x0a) continue;
    line++;
    lineStart = at + 1;
  }
  return { line, column: decode(bytes.subarray(lineStart, index)).length + 1 };
}
