/**
 * Tokens a text costs at most, roughly: three ASCII characters each (code has 3.2 to 3.6 with the common vocabularies), one for
 * every other character. An estimate on the safe side, since the vocabulary of a server's model is not known.
 */
export function estimateTokens(text: string): number {
  let other = 0;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) other++;
  return Math.ceil((text.length - other) / 3) + other;
}
