import type { StepKind } from '../definition.ts';
import { inSnippet } from './insertText.ts';

/** A whole step or expectation, as lines of a block: the first is the first key of the mapping. */
export interface BlockSnippet {
  label: string;
  /** The sentence of the grammar. */
  lines: readonly string[];
}

/** A step of each kind. Ids are free among those that are taken; a step that follows others needs the last one. */
export function stepSnippets(taken: readonly string[], roles: readonly string[]): Record<StepKind, BlockSnippet> {
  const id = (wanted: string): string => freeId(wanted, taken);
  const role = roles.length > 0 ? [`role: \${6|${roles.join(',')}|}`] : [];
  const head = (wanted: string, kind: StepKind, title: string, why: string): string[] => [
    `id: \${1:${id(wanted)}}`,
    `kind: ${kind}`,
    `title: \${2:${title}}`,
    `why: \${3:${inSnippet(why)}}`,
  ];
  return {
    manual: {
      label: 'manual step',
      lines: [
        ...head('self-check', 'manual', 'Read your own diff once', 'The author sees a day later what a reviewer sees at once.'),
        'expect: [{ attest: ${4:I have read every changed line} }]',
      ],
    },
    command: {
      label: 'command step',
      lines: [
        ...head('tests', 'command', "Run the project's tests", 'A change without a passing test run is a claim.'),
        'run: ${4:npm test}',
        'expect: [{ exit: ${5:0} }]',
      ],
    },
    generate: {
      label: 'generate step',
      lines: [
        ...head('draft', 'generate', 'Let a model write a first version', 'A draft to change is faster than an empty file.'),
        'prompt: ${4:.github/prompts/task.prompt.md}',
        'expect: [{ changed: "${5:src/**}" }]',
        ...role,
      ],
    },
    review: {
      label: 'review step',
      lines: [
        ...head('ai-review', 'review', 'AI review of the branch', 'A second pair of eyes before a colleague spends theirs.'),
        'scope: ${4|branch,working,staged,file|}',
        'expect: [{ findings: { critical: ${5:0}, high: 0 } }]',
        ...role,
      ],
    },
    approval: {
      label: 'approval step',
      lines: [
        ...head('sign-off', 'approval', 'Owner approves', 'Someone other than the author answers for it.'),
        'by: { any-of: [${4:codeowners}], not: [author, agent] }',
      ],
    },
  };
}

/** The name itself, or the first of `name-2`, `name-3`, … that no step has. */
export function freeId(wanted: string, taken: readonly string[]): string {
  if (!taken.includes(wanted)) return wanted;
  let number = 2;
  while (taken.includes(`${wanted}-${number}`)) number++;
  return `${wanted}-${number}`;
}

/** The keys of each expectation with their values, one a line. */
export const EXPECTATION_SNIPPETS: Readonly<Record<string, readonly string[]>> = {
  file: ['file: "${1:docs/notes/\\${branch\\}.md}"', 'sections: [${2:Problem}]'],
  changed: ['changed: "${1:test/**}"'],
  exit: ['exit: ${1:0}'],
  findings: ['findings: { critical: ${1:0}, high: ${2:0} }'],
  diagnostics: ['diagnostics: { error: ${1:0} }'],
  attest: ['attest: ${1:What a person confirms}'],
  clean: ['clean: true'],
  commit: ['commit: "${1:feat*}"'],
  'coverage-receipt': ['coverage-receipt: full'],
};
