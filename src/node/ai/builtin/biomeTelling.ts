/** What stands where a rule of Biome speaks. */
interface Place {
  /** The text that leads up to it, at most 200 bytes. */
  before: string;
  /** The text it is about, and the beginning of what follows. */
  from: string;
  /** The whole file. */
  text: string;
}

/** Rules that often speak about what is meant, and how to tell. The others always count. */
const TELLING: Readonly<Record<string, (place: Place) => boolean>> = {
  // Empty functions are meant; an empty catch hides what went wrong.
  noEmptyBlockStatements: ({ before }) => /\bcatch\s*(\([^()]*\))?\s*$/.test(before),
  noAssignInExpressions: ({ before }) => /\b(if|while)\s*\(\s*$/.test(before),
  // `fit` and `fdescribe` are names of functions, too; those of tests are called with a title.
  noFocusedTests: ({ from }) => /^f?[a-z.]*\.only\b|^\w+\s*\(\s*['"`]/i.test(from),
  // `[^]` is the usual way to write any character; `[]` matches nothing.
  noEmptyCharacterClassInRegex: ({ from }) => /(?<!\\)\[\]/.test(firstLine(from)),
  // Methods of every object are no globals that anybody calls by their bare name.
  noShadowRestrictedNames: ({ from }) =>
    !/^(valueOf|toString|toLocaleString|hasOwnProperty|isPrototypeOf|propertyIsEnumerable)\b/.test(from),
  // Text for other tools has such placeholders; forgotten backticks are about a name that the file knows.
  noTemplateCurlyInString: ({ from, text }) =>
    [...firstLine(from).matchAll(/\$\{\s*([\p{L}_$][\p{L}\p{N}_$]*)/gu)].some(([, name = '']) => declares(text, name)),
};

/** Whether a finding of `rule` is worth saying where it stands. */
export function isTelling(rule: string, place: Place): boolean {
  return TELLING[rule]?.(place) ?? true;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

/** Whether a variable, a function, a parameter or an import of this name is anywhere in the file. */
function declares(text: string, name: string): boolean {
  const word = name.replaceAll('$', '\\$');
  return new RegExp(
    `\\b(?:const|let|var|function|class|of|in)\\s+${word}\\b|(?:(?<!\\$)\\{|[(,])\\s*${word}\\s*[,):=}]|\\b${word}\\s*=>`,
    'u',
  ).test(text);
}
