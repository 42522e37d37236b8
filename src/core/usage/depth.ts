/** Deeper JSON is no message of an exporter, and walking into it could end the process. */
export const DEEPEST = 64;

/** Whether the brackets of a JSON text nest no deeper than that. Looks at the text only, so it is safe before it is parsed. */
export function isShallow(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at + 1);
    } else if (code === BRACKET || code === BRACE) {
      depth += 1;
      if (depth > DEEPEST) return false;
    } else if (code === BRACKET_END || code === BRACE_END) depth -= 1;
  }
  return true;
}

const [QUOTE, BACKSLASH, BRACKET, BRACKET_END, BRACE, BRACE_END] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/** Where the quote stands that ends the string, or the end of the text. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}
