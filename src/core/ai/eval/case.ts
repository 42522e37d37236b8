import type { Severity } from '../finding.ts';
import { digestOf } from '../../workflow/digests.ts';

/** A change whose right review is known: one with a seeded bug, or one that has nothing wrong with it. */
export interface EvalCase {
  /** Unique in all languages; the name of its file. */
  id: string;
  language: EvalLanguage;
  /** What the change is meant to do, as a pull request would say it. */
  title: string;
  /** Of the file in the imagined project. */
  path: string;
  /** The file before and after the change; an empty `before` is a new file. */
  before: string;
  after: string;
  /** Absent: nothing is wrong with the change. */
  bug?: SeededBug;
}

export interface SeededBug {
  category: BugCategory;
  severity: Severity;
  /** Whole lines of `after`, up to their indentation; they stand there exactly once. */
  quote: string;
  /** Other places where a right finding may stand, quoted likewise. */
  also: string[];
  /** Beginnings of words, one of which a right finding mentions. */
  about: string[];
}

export const BUG_CATEGORIES = ['bug', 'security', 'reliability', 'performance'] as const;
export type BugCategory = (typeof BUG_CATEGORIES)[number];

/** Languages of the cases, with the endings of their files. */
export const EVAL_LANGUAGES = {
  typescript: ['ts', 'tsx'],
  javascript: ['js', 'mjs', 'cjs', 'jsx'],
  python: ['py'],
  go: ['go'],
  java: ['java'],
  rust: ['rs'],
  csharp: ['cs'],
} as const satisfies Record<string, readonly string[]>;
export type EvalLanguage = keyof typeof EVAL_LANGUAGES;
export const LANGUAGE_NAMES = Object.keys(EVAL_LANGUAGES) as EvalLanguage[];

/** First and last line, from 1, both inclusive. */
export interface LineRange {
  start: number;
  end: number;
}

/** Where whole lines stand in a text, compared without the blanks around each. */
export function placesOf(quote: string, text: string): LineRange[] {
  const wanted = trimmedLines(quote);
  while (wanted.at(-1) === '') wanted.pop();
  if (wanted.length === 0) return [];
  const lines = trimmedLines(text);
  const starts = lines.flatMap((_, index) => (wanted.every((line, offset) => lines[index + offset] === line) ? [index + 1] : []));
  return starts.map((start) => ({ start, end: start + wanted.length - 1 }));
}

function trimmedLines(text: string): string[] {
  return text.split('\n').map((line) => line.trim());
}

/** `sha256:<hex>` of everything that a result can depend on; a retitled case is the same case. */
export function caseDigest({ id, language, path, before, after, bug }: EvalCase): string {
  return digestOf({ id, language, path, before, after, bug });
}

/** `sha256:<hex>` of a set of cases, in whatever order they come. */
export function caseSetDigest(digests: readonly string[]): string {
  return digestOf([...digests].sort());
}
