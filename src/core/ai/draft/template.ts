import { FRONT_MATTER } from '../review/instructions.ts';

/** One part of a pull request's description. */
export interface Section {
  heading: string;
  /** Task items that the team asks for under it; nobody has ticked them yet. */
  checks: readonly string[];
}

/** Where code hosts look for one, the first that exists counts. Both spellings, since most file systems tell them apart. */
export const TEMPLATE_PATHS: readonly string[] = [
  ...['.github/', '', 'docs/'].flatMap((folder) => [`${folder}pull_request_template.md`, `${folder}PULL_REQUEST_TEMPLATE.md`]),
  '.gitlab/merge_request_templates/Default.md',
  '.gitlab/merge_request_templates/default.md',
];

export const USUAL_SECTIONS: readonly Section[] = [
  { heading: 'What changed', checks: [] },
  { heading: 'Why', checks: [] },
];

const MAX_TEXT = 60_000;
const MAX_SECTIONS = 30;
const MAX_CHECKS = 60;
const HEADING = /^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$/u;
const CHECK = /^\s*(?:[-*+]|\d{1,3}[.)])[ \t]+\[[ xX]\][ \t]+(.+)$/u;

/** The sections of a pull-request template; undefined where it has no heading. Its explanations are for people and left out. */
export function templateSections(template: string): Section[] | undefined {
  const text = template.slice(0, MAX_TEXT).replace(FRONT_MATTER, '');
  const sections: { heading: string; checks: string[] }[] = [];
  let checks = 0;
  for (const line of withoutComments(text).split(/\r\n?|\n/u)) {
    const heading = HEADING.exec(line)?.[1];
    const check = CHECK.exec(line)?.[1];
    if (heading !== undefined && sections.length < MAX_SECTIONS) sections.push({ heading: heading.trim(), checks: [] });
    else if (check !== undefined && checks++ < MAX_CHECKS) {
      // Items before the first heading have none of their own.
      if (sections.length === 0) sections.push({ heading: 'Checklist', checks: [] });
      sections.at(-1)?.checks.push(check.trim());
    }
  }
  return sections.length === 0 ? undefined : sections;
}

/** Found by hand: an expression over comments that never end would take long. */
function withoutComments(text: string): string {
  let out = '';
  let from = 0;
  for (let start = text.indexOf('<!--'); start !== -1; start = text.indexOf('<!--', from)) {
    out += text.slice(from, start);
    const end = text.indexOf('-->', start + 4);
    if (end === -1) return out;
    from = end + 3;
  }
  return out + text.slice(from);
}
