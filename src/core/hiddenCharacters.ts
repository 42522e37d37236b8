/**
 * Characters that a person does not see, or that change how the text around them reads: controls, format characters, directions
 * (CVE-2021-42574), blank letters, tags, selectors, halves of pairs, and accents piled on one another. `\t` and `\n` are not among
 * them; neither are the joiners and selectors of an emoji, and a letter may have four accents.
 */
const HIDDEN = [
  String.raw`[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufff9-\ufffb]`,
  String.raw`(?![\u200d\ufe0e\ufe0f])\p{Default_Ignorable_Code_Point}`,
  String.raw`(?<!\p{Extended_Pictographic})[\ufe0e\ufe0f](?!\u20e3)`,
  String.raw`(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d|\u200d(?!\p{Extended_Pictographic})`,
  String.raw`(?<=\p{M}{4})\p{M}`,
  String.raw`\p{Surrogate}`,
].join('|');

const ONE_HIDDEN = new RegExp(HIDDEN, 'gu');
const HIDDEN_RUN = new RegExp(`(?:${HIDDEN})+`, 'gu');

/** Most text has nothing to look at more closely. */
const PLAIN = /^[\t\n\x20-\x7e]*$/;

/** `put` takes the place of each hidden character. */
export function replaceHidden(text: string, put: string): string {
  return PLAIN.test(text) ? text : text.replace(ONE_HIDDEN, put);
}

/** What stands in the place of hidden characters that follow one another. */
export function replaceHiddenRuns(text: string, put: (run: string) => string): string {
  return PLAIN.test(text) ? text : text.replace(HIDDEN_RUN, put);
}

/** The kinds of hidden characters in a text. */
export function hiddenIn(text: string): Set<string> {
  return new Set(PLAIN.test(text) ? [] : text.match(ONE_HIDDEN));
}
