import { join } from 'node:path';
import { isMap, isSeq, parseDocument } from 'yaml';
import type { Dismissal } from '../../core/ai/review/dismissals.ts';
import { parseDismissals } from '../../core/ai/review/dismissalsFile.ts';
import { failureOf, HandrailError } from '../../core/errors.ts';
import { writeFileAtomic } from '../atomicFile.ts';
import type { NodeWorkspaceFiles } from '../workspaceFiles.ts';

const PATH = '.handrail/dismissals.yml';
const HEADER = `# Findings of the AI review that the team has looked at and does not want to see again.
# Written by \`handrail dismiss FINDING --reason R --team\`; review changes to this file like code.
`;

/** The team's dismissals. A file with errors counts as none, and `note` says so. */
export function readTeamDismissals(files: NodeWorkspaceFiles): { dismissals: Dismissal[]; note?: string } {
  try {
    const text = files.readText(PATH);
    if (text === undefined) return { dismissals: [] };
    const { dismissals, problems } = parseDismissals(text);
    if (dismissals) return { dismissals };
    const first = problems[0];
    return {
      dismissals: [],
      note: `The team's dismissals are not applied: ${PATH}:${first?.line ?? 1} ${first?.message ?? 'cannot be read'}`,
    };
  } catch (error) {
    return { dismissals: [], note: `The team's dismissals are not applied: ${failureOf(error)?.message ?? `${PATH} cannot be read.`}` };
  }
}

/** Adds one at the end; what people wrote, comments included, stays as it is. Fails with `config` when the file has errors. */
export async function addTeamDismissal(files: NodeWorkspaceFiles, dismissal: Dismissal): Promise<void> {
  const text = files.readText(PATH) ?? `${HEADER}version: 1\ndismissals: []\n`;
  const broken = parseDismissals(text).problems.find((problem) => problem.severity === 'error');
  if (broken) {
    throw new HandrailError('config', `${PATH} has an error: ${broken.message}`, {
      hint: broken.hint ?? 'Correct the file first.',
      location: { path: PATH, line: broken.line, column: broken.column },
    });
  }
  const document = parseDocument(text);
  const list = document.get('dismissals');
  // A list written as `[]` would stay on one line for ever.
  if (isSeq(list) && list.items.length === 0) list.flow = false;
  const entry = document.createNode({ ...dismissal });
  if (isMap(entry)) entry.flow = false;
  document.addIn(['dismissals'], entry);
  const path = join(files.root, PATH);
  try {
    await writeFileAtomic(path, document.toString({ lineWidth: 0 }));
  } catch (cause) {
    throw new HandrailError('read-only', `${PATH} cannot be written.`, {
      hint: 'Make the file writable, or dismiss for yourself, without --team.',
      cause,
    });
  }
}
