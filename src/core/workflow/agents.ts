import { type Marks, withMarkedBlock, withoutMarkedBlock } from './markedBlock.ts';

/** The file that coding agents read before they work in a repository (https://agents.md). */
export const AGENTS_FILE = 'AGENTS.md';

const MARKS: Marks = { start: '<!-- handrail:start -->', end: '<!-- handrail:end -->' };

/** What an agent is told about the workflow. Plain, short, and free of anything that a team would have to adapt. */
const PARAGRAPH = `${MARKS.start}
## The workflow of a branch

A branch of this repository follows a workflow, and Handrail keeps track of its steps.

- \`handrail status --format json\` tells where the branch stands: \`next\` names the steps whose turn it is, \`missing\` of a step says what it still needs.
- Do the steps in \`next\` that are yours. \`command\` and \`review\`: \`handrail run STEP\`. \`generate\`: follow the file that \`prompt\` names, then \`handrail check STEP\`. \`manual\`: do what it expects, then \`handrail check STEP\`. \`handrail explain STEP\` tells why a step is there.
- A step of kind \`approval\`, and every step that expects \`attest\`, takes a person's word. Never check such a step, and never pass for a person. Say that it is open and leave it.
- Never change anything under \`.handrail/\`, skip a step (\`handrail waive\`), dismiss a finding or use \`--trust\` to get through a step. When a step seems wrong, or asks for trust, say so and leave it to a person.
- Exit codes: 0 done, the answer is yes; 1 done, the answer is no; 2 wrong use or configuration; 3 a model or server failed; 130 interrupted. The line on stderr says what to do about 2 and 3.
- Before you stop, look at the status again and name the steps that are left.
${MARKS.end}`;

/** The paragraph as it is written, without a line break at its end. */
export function agentsParagraph(): string {
  return PARAGRAPH;
}

/**
 * The content of AGENTS.md with the paragraph in it: after what is there, or in the place of an earlier one.
 * @throws HandrailError `config` when the marks of an earlier paragraph do not make one pair.
 */
export function withParagraph(text: string | undefined): string {
  return withMarkedBlock(text ?? '', PARAGRAPH, MARKS, { name: AGENTS_FILE, path: AGENTS_FILE });
}

/** The same text without the paragraph, for readers whom it does not concern. */
export function withoutParagraph(text: string): string {
  return withoutMarkedBlock(text, MARKS);
}
