import type { Dismissal, DismissalFacts } from '../../core/ai/review/dismissals.ts';
import { fittingInstructions, parseInstructions } from '../../core/ai/review/instructions.ts';
import type { ReviewUnit } from '../../core/ai/review/collect.ts';
import { splitLines } from '../../core/ai/review/lines.ts';
import type { ReviewInput } from '../../core/ai/review/pipeline.ts';
import type { KnownProblem, ReviewRequest } from '../../core/ai/service.ts';
import type { CancelSignal, Clock } from '../../core/ports.ts';
import type { NodeWorkspaceFiles } from '../workspaceFiles.ts';
import { collect, readInstructions } from './collect.ts';
import { createDismissalStore } from './dismissalStore.ts';
import { quietly } from './leftOut.ts';
import type { ReviewPlaces } from './reviewPlaces.ts';
import { readTeamDismissals } from './teamDismissals.ts';

export interface InputParts {
  files: NodeWorkspaceFiles;
  places: ReviewPlaces;
  clock: Clock;
  signal: CancelSignal;
}

/** Everything a review is made of, the same for whoever asks: what is under review, conventions, dismissals, and what is left out. */
export async function gatherInput(request: ReviewRequest, { files, places, clock, signal }: InputParts): Promise<ReviewInput> {
  const { units, skipped } = await collect(request, { files, repository: places.repository, signal });
  const { fitting, cut } = fittingInstructions(
    parseInstructions(readInstructions(files)),
    units.map((unit) => unit.path),
  );
  const { dismissals, notes } = await readDismissals(files, places);
  return {
    scope: request.scope,
    units,
    skipped,
    known: knownIn(request, units, files),
    rules: request.rules ?? '',
    instructions: '',
    instructionFiles: fitting,
    dismissals,
    facts: dismissalFacts(files, clock),
    notices: [...notes, ...cut.map((path) => `${path} is too long to be sent along and was left out.`)],
  };
}

/**
 * What the editor reports, where that is about the text under review: its lines are those of the file, and what is staged may have
 * others.
 */
function knownIn(request: ReviewRequest, units: readonly ReviewUnit[], files: NodeWorkspaceFiles): KnownProblem[] {
  const known = request.known ?? [];
  if (request.scope !== 'staged' || known.length === 0) return known;
  const isSame = ({ path, text }: ReviewUnit): boolean =>
    splitLines(request.buffers?.[path] ?? quietly(() => files.readText(path), undefined) ?? '').join('\n') === splitLines(text).join('\n');
  const same = new Set(units.filter(isSame).map(({ path }) => path));
  return known.filter(({ file }) => same.has(file));
}

/** The team's and the person's own. */
export async function readDismissals(
  files: NodeWorkspaceFiles,
  { dismissalsFolder }: Pick<ReviewPlaces, 'dismissalsFolder'>,
): Promise<{ dismissals: Dismissal[]; notes: string[] }> {
  const team = readTeamDismissals(files);
  const own = await createDismissalStore(dismissalsFolder).read();
  return { dismissals: [...team.dismissals, ...own], notes: team.note === undefined ? [] : [team.note] };
}

export function dismissalFacts(files: NodeWorkspaceFiles, clock: Clock): DismissalFacts {
  return { now: clock.now(), isGone: (file) => !files.exists(file) };
}
