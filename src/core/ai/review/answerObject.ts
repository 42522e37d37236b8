/** What findings are told from, in the words of our prompt and in those that models use instead. */
const TEXT_KEYS: ReadonlySet<string> = new Set(['title', 'message', 'description', 'body']);
const QUOTE_KEYS: ReadonlySet<string> = new Set(['quote', 'code']);
export const FILE_KEYS: ReadonlySet<string> = new Set(['file', 'path']);
const PLACE_KEYS: ReadonlySet<string> = new Set([...QUOTE_KEYS, ...FILE_KEYS, 'line', 'startLine', 'start_line', 'severity']);
const OTHER_KEYS = ['endLine', 'end_line', 'category', 'type', 'replacement', 'suggestion', 'rule', 'id', 'confidence'];
/** Keys that may begin a finding. */
export const FINDING_KEYS: ReadonlySet<string> = new Set([...TEXT_KEYS, ...PLACE_KEYS, ...OTHER_KEYS]);
/** Keys of what stands around findings. */
const LIST_KEYS: ReadonlySet<string> = new Set(['findings', 'issues', 'problems', 'comments', 'results', 'files', 'summary']);
/** UTF-16 units. */
export const LONGEST_KEY = 16;

/** An object of the answer, from its brace on. */
export interface AnswerObject {
  readonly start: number;
  /** A value inside a finding: never one itself. */
  readonly isPart: boolean;
  /** It stands where other objects than findings do, so that only a quote tells. */
  readonly needsQuote: boolean;
  /** Nothing but blanks since its brace. */
  fresh: boolean;
  /** Its keys that say something. */
  texts: string[];
  hasPlace: boolean;
  hasQuote: boolean;
  /** A key came twice, or one of a list: objects ran into each other, and mending would mix what they say. */
  isMixed: boolean;
  /** Where the path stands that it names. */
  file: { start: number; end: number } | undefined;
  foundInside: boolean;
  /** Characters that were parsed of what is inside. */
  tried: number;
}

/** What the keys of an object tell about it. */
export type ObjectKeys = Pick<AnswerObject, 'texts' | 'hasPlace' | 'hasQuote' | 'isMixed'>;

/** What a key makes of an object. */
export function noteKey(object: ObjectKeys, key: string): void {
  if (TEXT_KEYS.has(key)) {
    if (object.texts.includes(key)) object.isMixed = true;
    else object.texts.push(key);
  }
  if (LIST_KEYS.has(key)) object.isMixed = true;
  if (PLACE_KEYS.has(key)) object.hasPlace = true;
  if (QUOTE_KEYS.has(key)) object.hasQuote = true;
}

/** An object with the keys of a finding, at a place where findings stand. */
export function looksLikeFinding(object: AnswerObject): boolean {
  return object.texts.length > 0 && object.hasPlace && !object.isPart && (object.hasQuote || !object.needsQuote);
}
