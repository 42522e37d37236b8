import type { Field, GrammarKey } from '../../yaml/grammar.ts';
import { choiceSnippet, inSnippet, written } from './insertText.ts';
import { matchesPath, meaningOf } from './language.ts';
import type { Language } from './language.ts';

/**
 * What a new key begins with, as a snippet: something of the right type that people overwrite. The types come from the grammar; what
 * stands here are only examples for text.
 */
const TEXTS: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  workflow: {
    id: 'feature',
    title: 'Feature',
    'on/branches/*': 'feat/**',
    'extends/*': './base.yml',
    'vars/*': 'lines.added + lines.deleted < 20',
    'steps/*/id': 'step',
    'steps/*/title': 'What to do',
    'steps/*/why': 'What goes wrong without it',
    'steps/*/learn': 'docs/practice.md',
    'steps/*/when': 'lines.added > 0',
    'steps/*/run': 'npm test',
    'steps/*/prompt': '.github/prompts/task.prompt.md',
    'steps/*/role': 'review',
    'steps/*/inputs/*': 'src/**',
    'steps/*/protects/*': 'test/support/**',
    'steps/*/expect/*/file': 'docs/notes/${branch}.md',
    'steps/*/expect/*/sections/*': 'Problem',
    'steps/*/expect/*/changed': 'test/**',
    'steps/*/expect/*/attest': 'What a person confirms',
    'steps/*/expect/*/commit': 'feat*',
    'steps/*/by/any-of/*': 'codeowners',
    'steps/*/by/not/*': 'author',
    'waive/expires': '14d',
    'waive/by/any-of/*': 'codeowners',
    'waive/by/not/*': 'author',
  },
  models: {
    'models/*/model': 'gpt-5.2',
    'models/*/baseURL': 'http://127.0.0.1:11434/v1',
    'models/*/fallback/*': 'local',
    'models/*/params/reasoning_effort': 'low',
    'models/*/limits/timeout': '60s',
    'models/*/price/currency': 'USD',
    'models/*/price/per': '1M',
    'models/*/slo/p95': '30s',
    'models/*/slo/errors': '2%',
    'roles/*': 'reviewer',
  },
  dismissals: {
    'dismissals/*/fingerprint': '0123456789abcdef',
    'dismissals/*/reason': 'Why it needs no change',
    'dismissals/*/expires': '2027-12-31',
  },
  telemetry: {
    team: 'payments',
    window: '4w',
    'transport/folder': '/srv/handrail',
    'transport/git': 'origin',
    'transport/otlp': 'https://collector.example.com',
    'counters/*': 'review.runs',
  },
};

const NAMES: Readonly<Record<string, string>> = { vars: 'risky', models: 'reviewer', roles: 'review' };

/** Numbers that are more than a zero that people overwrite. */
const NUMBERS: Readonly<Record<string, string>> = {
  contextTokens: '128000',
  outputTokens: '8000',
  concurrency: '4',
  retries: '3',
  input: '1.25',
  output: '10',
};

/** Builds the snippet of a value; each thing to overwrite is a stop of its own. */
export class Sample {
  readonly #language: Language;
  #stop = 0;

  constructor(language: Language) {
    this.#language = language;
  }

  /** A value in one line, brackets around lists and mappings. */
  value(field: Field, path: readonly (string | number)[], inBrackets: boolean): string {
    const { shape } = field;
    switch (shape.type) {
      case 'choice': {
        const values = shape.choices.map(({ value }) => written(value, 'plain', inBrackets));
        return values.length === 1 ? inSnippet(values[0] ?? '') : choiceSnippet(++this.#stop, values);
      }
      case 'number':
        return this.#stopAt(NUMBERS[String(path.at(-1))] ?? '0');
      case 'list':
        // Steps are offered as soon as there are brackets to put them into.
        if (meaningOf(this.#language, [...path, 0]) === 'step') return `[\${${++this.#stop}:}]`;
        return `[${this.value(shape.item(), [...path, 0], true)}]`;
      case 'names':
        return `{ ${this.#stopAt(NAMES[String(path.at(-1))] ?? 'name')}: ${this.value(shape.value(), [...path, ''], true)} }`;
      case 'mapping':
        return `{ ${this.#keys(shape.keys, path)} }`;
      default:
        return this.#text(path, inBrackets);
    }
  }

  /** `key: value` for what the mapping cannot be without, else for its first key. */
  #keys(keys: readonly GrammarKey[], path: readonly (string | number)[]): string {
    const required = keys.filter((key) => key.required);
    return (required.length > 0 ? required : keys.slice(0, 1))
      .map(({ name, field }) => `${name}: ${this.value(field, [...path, name], true)}`)
      .join(', ');
  }

  #text(path: readonly (string | number)[], inBrackets: boolean): string {
    const texts = TEXTS[this.#language];
    const found = Object.keys(texts).find((pattern) => matchesPath(pattern, path));
    const value = written((found === undefined ? undefined : texts[found]) ?? 'text', 'plain', inBrackets);
    const quoted = /^"(.*)"$/.exec(value);
    return quoted ? `"${this.#stopAt(quoted[1] ?? '')}"` : this.#stopAt(value);
  }

  #stopAt(text: string): string {
    return `\${${++this.#stop}:${inSnippet(text)}}`;
  }
}

/** A snippet as the text it is before anybody typed over its stops: `${1:a}` is `a`, `${1|a,b|}` is `a`, `$1` is nothing. */
export function withoutStops(snippet: string): string {
  return snippet
    .replace(/\$\{\d+\|((?:[^\\|]|\\.)*)\|\}/g, (_all, choices: string) => /^(?:[^\\,]|\\.)*/.exec(choices)?.[0] ?? '')
    .replace(/\$\{\d+:((?:[^\\}]|\\.)*)\}/g, '$1')
    .replace(/\$\d+/g, '')
    .replace(/\\([\\$},|])/g, '$1');
}
