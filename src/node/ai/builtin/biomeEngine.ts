import type * as Biome from '@biomejs/wasm-nodejs';
import { applyTextEdit } from './biomeTextEdit.ts';
import { biomeCategory, biomeSeverity, biomeTitle, biomeWhy, offersFix } from './biomeRules.ts';
import { BIOME_CONFIGURATION } from './biomeSelection.ts';
import { isTelling } from './biomeTelling.ts';
import { createLineFinder, type Diagnostic } from './diagnostic.ts';
import { loadEngine } from './engineFiles.ts';

const MOST_DIAGNOSTICS = 200;
/** Each question for a fix is another pass over the file. */
const MOST_QUESTIONS = 30;

type Workspace = Biome.Workspace;
type ProjectKey = Parameters<Workspace['updateSettings']>[0]['projectKey'];
type BiomeDiagnostic = ReturnType<Workspace['pullDiagnostics']>['diagnostics'][number];

/** Biome over one file at a time: JavaScript, TypeScript, JSX, CSS, JSON. Loading takes a quarter of a second and 180 MB. */
export class BiomeEngine {
  readonly #workspace: Workspace;
  readonly #projectKey: ProjectKey;

  constructor() {
    const biome = loadEngine('biome') as typeof Biome;
    biome.main();
    this.#workspace = new biome.Workspace();
    this.#projectKey = this.#workspace.openProject({ path: '/', openUninitialized: true }).projectKey;
    // The generated types know every rule by its own options; the plain levels used here are among them.
    const configuration = BIOME_CONFIGURATION as unknown as Parameters<Workspace['updateSettings']>[0]['configuration'];
    this.#workspace.updateSettings({ projectKey: this.#projectKey, configuration, workspaceDirectory: '/' });
  }

  review(path: string, text: string): Diagnostic[] {
    // The name decides the language; where it lies does not matter, and repository paths are not Biome's paths.
    const name = `/${path.split('/').at(-1) ?? path}`;
    const at = { projectKey: this.#projectKey, path: name };
    this.#workspace.openFile({ ...at, content: { type: 'fromClient', content: text, version: 0 } });
    try {
      const { diagnostics } = this.#workspace.pullDiagnostics({ ...at, categories: ['syntax', 'lint'], maxDiagnostics: MOST_DIAGNOSTICS });
      return this.#convert(diagnostics, name, text);
    } finally {
      this.#workspace.closeFile(at);
    }
  }

  #convert(diagnostics: BiomeDiagnostic[], name: string, text: string): Diagnostic[] {
    const lineOf = createLineFinder(text);
    const syntax = diagnostics.find((diagnostic) => diagnostic.category === 'parse');
    // After the first syntax error an engine guesses; everything else it says is noise.
    if (syntax !== undefined) return [syntaxError(syntax, lineOf)];
    const fixes = this.#fixFinder(name, text);
    const bytes = Buffer.from(text);
    return diagnostics.flatMap((diagnostic) => {
      const [kind, group, rule] = diagnostic.category?.split('/') ?? [];
      const { span } = diagnostic.location;
      if (kind !== 'lint' || group === undefined || rule === undefined || !span) return [];
      const [start, end] = span;
      if (!isTelling(rule, { ...around(bytes, span), text })) return [];
      const fixed = fixes(`${group}/${rule}`, span);
      return [
        {
          rule: `biome/${rule}`,
          startLine: lineOf(start),
          endLine: lineOf(Math.max(start, end - 1)),
          severity: biomeSeverity(rule, group, diagnostic.severity),
          category: biomeCategory(rule, group),
          title: biomeTitle(rule) ?? sentence(diagnostic.description),
          message: biomeWhy(rule) ?? adviceOf(diagnostic) ?? 'Biome reports this as an error in code that is likely wrong.',
          ...(fixed === undefined ? {} : { fixed }),
        },
      ];
    });
  }

  /** Asks for fixes, but not again about a rule that had none in this file. */
  #fixFinder(name: string, text: string): (rule: string, span: [number, number]) => string | undefined {
    const without = new Set<string>();
    let questions = 0;
    return (rule, span) => {
      if (without.has(rule) || questions >= MOST_QUESTIONS) return undefined;
      questions += 1;
      const fixed = this.#fix(name, text, rule, span);
      if (fixed === undefined) without.add(rule);
      return fixed;
    };
  }

  #fix(name: string, text: string, rule: string, span: [number, number]): string | undefined {
    const { actions } = this.#workspace.pullActions({
      projectKey: this.#projectKey,
      path: name,
      range: span,
      categories: ['lint'],
      only: [rule],
    });
    for (const { category, suggestion } of actions) {
      const quickFix = typeof category === 'object' && 'quickFix' in category;
      if (!quickFix || !suggestion || !offersFix(rule.split('/')[1] ?? '', suggestion.applicability)) continue;
      return applyTextEdit(text, suggestion.suggestion);
    }
    return undefined;
  }
}

function syntaxError(diagnostic: BiomeDiagnostic, lineOf: (offset: number) => number): Diagnostic {
  const line = lineOf(diagnostic.location.span?.[0] ?? 0);
  return {
    rule: 'biome/syntax',
    startLine: line,
    endLine: line,
    severity: 'high',
    category: 'syntax',
    title: 'The file has a syntax error.',
    message: sentence(diagnostic.description),
  };
}

/** The text around a span of UTF-8 offsets. */
function around(bytes: Buffer, [start, end]: [number, number]): { before: string; from: string } {
  const part = (from: number, to: number): string => bytes.subarray(Math.max(0, from), to).toString();
  return { before: part(start - 200, start), from: part(start, end + 200) };
}

/** Biome's advice in plain text, without the announcements of fixes. */
function adviceOf(diagnostic: BiomeDiagnostic): string | undefined {
  const texts = diagnostic.advices.advices.flatMap((advice) =>
    'log' in advice ? [advice.log[1].map((part) => part.content).join('')] : [],
  );
  const told = texts
    .filter((text) => !/^(Safe|Unsafe) fix|^See |is where|is here|https?:|nursery|biomejs/.test(text))
    .map((text) => sentence(text.replaceAll(/\s+/g, ' ')));
  return told.length === 0 ? undefined : told.join(' ');
}

function sentence(text: string): string {
  const trimmed = text.trim().replace(/\s*\.\.\.$/, '');
  // A name stays as it is written.
  const capital = /^\w+[(.]/.test(trimmed) ? trimmed : trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?:]$/.test(capital) ? capital.replace(/:$/, '.') : `${capital}.`;
}
