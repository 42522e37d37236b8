import type { Dismissal, DismissalFacts } from '../../core/ai/review/dismissals.ts';
import { fittingInstructions, parseInstructions } from '../../core/ai/review/instructions.ts';
import type { ReviewInput } from '../../core/ai/review/pipeline.ts';
import type { ReviewRequest } from '../../core/ai/service.ts';
import type { CancelSignal, Clock } from '../../core/ports.ts';
import type { NodeWorkspaceFiles } from '../workspaceFiles.ts';
import { collect, readInstructions } from './collect.ts';
import { createDismissalStore } from './dismissalStore.ts';
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
    known: request.known ?? [],
    rules: request.rules ?? '',
    instructions: '',
    instructionFiles: fitting,
    dismissals,
    facts: dismissalFacts(files, clock),
    notices: [...notes, ...cut.map((path) => `${path} is too long to be sent along and was left out.`)],
  };
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
