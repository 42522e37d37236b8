import { resolve } from 'node:path';
import { failureOf, HandrailError } from '../../core/errors.ts';
import { LEAST_STEPS, windowsOf } from '../../core/team/insight/enough.ts';
import { measuredWork, seenOf, STEP_KINDS, sumOf } from '../../core/team/insight/measuredWork.ts';
import { whatIf } from '../../core/team/insight/whatIf.ts';
import { type Change, chainOf, type SimulatedStep } from '../../core/team/insight/workflowChange.ts';
import type { Release } from '../../core/team/release/release.ts';
import type { StepKind } from '../../core/workflow/definition.ts';
import type { Answer, Context } from '../command.ts';
import { printable, printableData } from '../text/printable.ts';
import { whatIfText } from '../text/teamWhatIf.ts';

export interface WhatIfFlags {
  in: string | undefined;
  steps: string | undefined;
  automate: readonly string[];
  drop: readonly string[];
  shorten: readonly string[];
  move: readonly string[];
  beside: readonly string[];
}

/** `handrail team what-if`: 1 where there is not enough data to answer. */
export async function teamWhatIf(context: Context, flags: WhatIfFlags): Promise<Answer> {
  const { cwd, format, terminal } = context;
  if (flags.in === undefined || flags.in === '') {
    throw new HandrailError('usage', '--in is missing: the folder of releases.', {
      hint: 'For example handrail team what-if --in .handrail/releases --drop approval',
    });
  }
  const { readReleaseFolders } = await import('../../node/team/release/releaseFolders.ts');
  const folders = readReleaseFolders(resolve(cwd, flags.in));
  const releases = folders.flatMap((folder) => folder.releases);
  const missing = folders.reduce((count, folder) => count + folder.missing.length, 0);
  if (missing > 0) terminal.note(`handrail: ${missing} ${missing === 1 ? 'release is' : 'releases are'} missing, and left out.`);
  const { steps, workflow } = await stepsOf(context, flags.steps, releases);
  const changes = changesOf(flags);
  const answer = whatIf({ releases, steps, changes });
  const asked = { teams: folders.length, releases: releases.length, windows: windowsOf(releases).length, workflow, steps, changes };
  if (format === 'json') terminal.document({ ...asked, answer });
  else terminal.line(printable(whatIfText(printableData(asked), answer, (style, text) => terminal.style(style, text))));
  return answer.enough ? 0 : 1;
}

/** Those that were said, those of the folder's workflow, or one of each kind of which enough was measured. */
async function stepsOf(
  { services }: Context,
  said: string | undefined,
  releases: readonly Release[],
): Promise<{ steps: SimulatedStep[]; workflow: string | null }> {
  if (said !== undefined) return { steps: chainOf(said.split(',').map(kindOf)), workflow: null };
  try {
    const status = await (await services.workflow({ looksOnly: true })).status();
    if (status.workflow !== null) {
      return { steps: status.steps.map(({ id, kind, needs }) => ({ id, kind, needs })), workflow: status.workflow.id };
    }
  } catch (error) {
    // Figures can be looked at anywhere, without a repository too.
    if (failureOf(error)?.reason !== 'no-git') throw error;
  }
  const all = sumOf(measuredWork(releases));
  return { steps: chainOf(STEP_KINDS.filter((kind) => seenOf(all[kind]) >= LEAST_STEPS)), workflow: null };
}

function kindOf(said: string): StepKind {
  const kind = STEP_KINDS.find((one) => one === said.trim());
  if (kind !== undefined) return kind;
  throw new HandrailError('usage', `${JSON.stringify(said)} is no kind of step.`, { hint: `Kinds are ${STEP_KINDS.join(', ')}.` });
}

/** Steps that are left out come last: all others can still be spoken of. */
function changesOf({ automate, drop, shorten, move, beside }: WhatIfFlags): Change[] {
  return [
    ...move.map((said): Change => {
      const [step, before] = pairOf(said, '--move', 'STEP:BEFORE');
      return { type: 'move', step, before };
    }),
    ...beside.map((said): Change => {
      const [step, other] = pairOf(said, '--beside', 'STEP:OTHER');
      return { type: 'beside', step, other };
    }),
    ...shorten.map((said): Change => {
      const [step, part] = pairOf(said, '--shorten', 'STEP:PERCENT');
      const percent = /^(\d{1,3})%?$/.exec(part)?.[1];
      if (percent === undefined || Number(percent) > 100) throw unreadable(said, '--shorten', 'STEP:PERCENT, such as approval:50%');
      return { type: 'shorten', step, by: Number(percent) / 100 };
    }),
    ...automate.map((step): Change => ({ type: 'automate', step })),
    ...drop.map((step): Change => ({ type: 'drop', step })),
  ];
}

function pairOf(said: string, option: string, shape: string): [string, string] {
  const [one = '', other = '', ...more] = said.split(':');
  if (one === '' || other === '' || more.length > 0) throw unreadable(said, option, shape);
  return [one, other];
}

function unreadable(said: string, option: string, shape: string): HandrailError {
  return new HandrailError('usage', `${option} ${JSON.stringify(said)} cannot be read.`, { hint: `Write ${option} ${shape}.` });
}
