import { plainText } from '../../workflow/markdownText.ts';
import { answerText, trimmed } from './answerText.ts';
import { quietMarkdown } from './quietMarkdown.ts';
import { USUAL_SECTIONS, type Section } from './template.ts';

const HEADING = /^ {0,3}(?:#{1,6}[ \t]+(.+?)[ \t]*#*|\*\*([^*]+)\*\*:?)$/u;
const FENCE = /^ {0,3}(?:`{3,}|~{3,})/u;

/**
 * A pull request's description: our headings in their order, under each what the model wrote for it, and the team's task items, which
 * are for people to tick. Undefined where the model wrote nothing. `sections` of the template come with a heading even when nothing
 * was written for one, so that a person sees it.
 */
export function descriptionOf(answer: string, sections?: readonly Section[]): string | undefined {
  const wanted = sections ?? USUAL_SECTIONS;
  const texts = sectionTexts(answerText(answer).split('\n'), wanted);
  const bodies = texts.map((lines) => trimmed(quietMarkdown(trimmed(lines))));
  if (bodies.every((lines) => lines.length === 0)) return undefined;
  const [opening = [], ...others] = bodies;
  const parts = wanted.flatMap(({ heading, checks }, index) => {
    const body = others[index] ?? [];
    if (body.length === 0 && checks.length === 0 && sections === undefined) return [];
    const items = checks.map((check) => `- [ ] ${plainText(check, 400)}`);
    return [
      [
        `## ${plainText(heading, 160).replace(/^\\(?=:)/u, '')}`,
        ...(body.length === 0 ? [] : ['', ...body]),
        ...(items.length === 0 ? [] : ['', ...items]),
      ],
    ];
  });
  return [...(opening.length === 0 ? [] : [opening]), ...parts].map((lines) => lines.join('\n')).join('\n\n');
}

/** The lines before the first known heading, then those of each section. A heading that is none of ours stays in the text. */
function sectionTexts(lines: readonly string[], sections: readonly Section[]): string[][] {
  const texts: string[][] = [[], ...sections.map((): string[] => [])];
  const names = sections.map(({ heading }) => nameOf(heading));
  let at = 0;
  let inCode = false;
  for (const line of lines) {
    if (FENCE.test(line)) inCode = !inCode;
    const match = inCode ? null : HEADING.exec(line);
    const known = match === null ? -1 : names.indexOf(nameOf(match[1] ?? match[2] ?? ''));
    if (known === -1) texts[at]?.push(line);
    else at = known + 1;
  }
  // Written without headings: it says what changed.
  if (texts.slice(1).every((one) => one.every((line) => line.trim() === '')) && texts[1] !== undefined) {
    texts[1] = texts[0] ?? [];
    texts[0] = [];
  }
  return texts;
}

/** Letters and figures only: models leave out signs and pictures and change the case. */
function nameOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/:[a-z0-9_+-]+:/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, '');
}
