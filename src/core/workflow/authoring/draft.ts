import type { z } from 'zod';
import { parseLocatedYaml } from '../../yaml/locatedYaml.ts';
import type { LocatedYaml, YamlPath } from '../../yaml/locatedYaml.ts';
import { nodeAt } from '../../yaml/placeAt.ts';
import type { TextSpan } from '../problem.ts';
import { Family, readWorkflowText } from './family.ts';
import { grammarFor, languageOf, meaningOf } from './language.ts';
import type { Language, Meaning } from './language.ts';
import type { Surroundings } from './surroundings.ts';

/** A file under `.handrail/` as somebody has typed it so far. Made once for a version of the text, asked about often. */
export class Draft {
  readonly path: string;
  readonly language: Language;
  readonly file: LocatedYaml;

  private constructor(text: string, path: string, language: Language) {
    this.path = path;
    this.language = language;
    this.file = parseLocatedYaml(text, { lenient: true });
  }

  /** Undefined for a path that is none of ours. */
  static of(text: string, path: string): Draft | undefined {
    const language = languageOf(path);
    return language && new Draft(text, path, language);
  }

  get grammar(): z.core.$ZodType {
    return grammarFor(this.language, this.file.value);
  }

  /** Read anew each time: the files around may have changed. */
  family(around: Surroundings): Family {
    return new Family(readWorkflowText(this.path, this.file), around);
  }

  /** What stands at an offset, and what it means. */
  at(offset: number): Standing | undefined {
    const found = nodeAt(this.file, offset);
    if (!found) return undefined;
    const { path, on, span, node } = found;
    const meaning = meaningOf(this.language, path);
    return { path, on, span, ...(meaning !== undefined && { meaning }), ...(typeof node.value === 'string' && { text: node.value }) };
  }
}

/** Something at a place of a draft: a key, or a value with its text. */
export interface Standing {
  path: YamlPath;
  on: 'key' | 'value';
  span: TextSpan;
  /** Of the value, whether the offset is on it or on its key. */
  meaning?: Meaning;
  text?: string;
}

/** The word `vars.name` or `name.member` or `name` of an expression at an offset of the file, by the text as it is written. */
export function expressionWordAt(text: string, span: TextSpan, offset: number): { word: string; span: TextSpan } | undefined {
  const source = text.slice(span.start, span.end);
  for (const match of source.matchAll(/[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)?/g)) {
    const start = span.start + match.index;
    const end = start + match[0].length;
    if (offset < start || offset > end) continue;
    const [owner = '', member] = match[0].split(/\s*\.\s*/);
    const ownerEnd = start + owner.length;
    const isOwnerAlone = member === undefined || (offset <= ownerEnd && owner !== 'vars' && owner !== 'lines' && owner !== 'env');
    return isOwnerAlone ? { word: owner, span: { start, end: ownerEnd } } : { word: `${owner}.${member}`, span: { start, end } };
  }
  return undefined;
}
