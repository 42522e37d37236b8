/**
 * A token as whole numbers: 22 characters of base64url, five to a word and the last two in a fifth. A token has exactly one spelling, so
 * two are the same when their words are.
 */
export const TOKEN_WORDS = 5;
export const TOKEN_LENGTH = 22;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const NONE = 255;
const SEXTETS = Uint8Array.from({ length: 256 }, (_, code) => {
  const sextet = ALPHABET.indexOf(String.fromCharCode(code));
  return sextet < 0 ? NONE : sextet;
});

/** Reads the token that begins at a byte. False where there is none; what `words` holds then means nothing. */
export function readToken(bytes: Uint8Array, at: number, words: Int32Array): boolean {
  let seen = 0;
  for (let word = 0; word < TOKEN_WORDS; word += 1) {
    let value = 0;
    const end = Math.min(5 * word + 5, TOKEN_LENGTH);
    for (let index = 5 * word; index < end; index += 1) {
      const sextet = SEXTETS[bytes[at + index] ?? 0] ?? NONE;
      seen |= sextet;
      value = (value << 6) | (sextet & 63);
    }
    words[word] = value;
  }
  // 128 bits in 132: the last four are zero.
  return seen <= 63 && ((words[TOKEN_WORDS - 1] ?? 0) & 15) === 0;
}

/** The text of a token. */
export function tokenText(words: Int32Array): string {
  let text = '';
  for (let index = 0; index < TOKEN_LENGTH; index += 1) {
    const word = Math.floor(index / 5);
    const last = Math.min(5 * word + 5, TOKEN_LENGTH) - 1;
    text += ALPHABET[((words[word] ?? 0) >> (6 * (last - index))) & 63] ?? '';
  }
  return text;
}
