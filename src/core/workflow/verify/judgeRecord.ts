import type { ReviewStep, Step } from '../definition.ts';
import type { EvidenceRecord } from '../evidence.ts';
import { judge } from '../expectations.ts';
import { demandsPerson, modelOfBoth, modelsOf } from '../plan.ts';
import type { StepFacts } from './facts.ts';
import { settled, unsettled, type Verdict } from './verdict.ts';

/** What a committed record proves about its step. It is a claim: at best it is bound to the content it is about. */
export function judgeRecord(step: Step, record: EvidenceRecord, about: StepFacts): Verdict {
  return (
    forged(step, record) ??
    misplaced(step, record, about) ??
    ended(step, record) ??
    stale(step, record, about) ??
    (step.kind === 'review' ? reviewed(step, record, about) : undefined) ??
    unmetBy(step, record, about) ??
    settled(record.provider === undefined ? 'self-reported' : 'bound', saidBy(record), { record })
  );
}

/** No record at all: it was never made, or somebody took it away. */
export function withoutRecord(step: Step, about: StepFacts): Verdict {
  return unsettled(step, 'missing-evidence', `No record says that "${step.title}" was done.`, {
    hint: `Do the step (handrail explain ${step.id}) and commit ${about.facts.tracked.records.length === 0 ? 'the records in .handrail/evidence' : 'its record'}.`,
  });
}

export function deletedRecord(step: Step, { record, commit }: { record: EvidenceRecord; commit: string }): Verdict {
  return unsettled(
    step,
    'missing-evidence',
    `The record ${short(record)} of "${step.title}", which came with commit ${commit.slice(0, 12)}, was deleted.`,
    {
      hint: 'Bring the file back: records are never deleted.',
    },
  );
}

/** A record that nothing of ours writes. */
export function forged(step: Step, record: EvidenceRecord): Verdict | undefined {
  const { outcome } = record.result;
  const isSettling = outcome === 'done' || outcome === 'waived';
  if (isSettling && record.actor.kind !== 'human' && (demandsPerson(step) || outcome === 'waived')) {
    const what = outcome === 'waived' ? 'skips' : step.kind === 'approval' ? 'approves' : 'confirms';
    const who = record.actor.kind === 'agent' ? 'An agent' : 'A script';
    return unsettled(step, 'forged-evidence', `${who} ${what} "${step.title}", which only a person can.`, {
      record,
      hint: 'A person has to do it.',
    });
  }
  const strange = outcome === 'done' ? strangeFor(step, record) : undefined;
  if (strange === undefined) return undefined;
  return unsettled(
    step,
    'forged-evidence',
    `The record ${short(record)} of "${step.title}" ${strange}, which no ${step.kind} step leaves.`,
    {
      record,
      hint: `Do the step again: handrail explain ${step.id}`,
    },
  );
}

function strangeFor(step: Step, { provider, model, result }: EvidenceRecord): string | undefined {
  const { findings, coverage, exitCode } = result.outcome === 'done' ? result : {};
  switch (step.kind) {
    case 'command':
      return provider !== 'command' ? 'names no command' : exitCode === undefined ? 'names no exit code' : undefined;
    case 'review':
      if (provider !== 'model' && provider !== 'builtin') return 'names no reviewer';
      if (provider === 'model' && model === undefined) return 'names no model';
      return findings === undefined || coverage === undefined ? 'does not say what was read and found' : undefined;
    case 'generate':
      return provider === 'command' || provider === 'builtin' ? `was written by a ${provider}` : undefined;
    case 'manual':
    case 'approval':
      return provider === undefined ? undefined : 'was written by a program';
  }
}

function misplaced(step: Step, record: EvidenceRecord, about: StepFacts): Verdict | undefined {
  if (about.isForDemand(record)) return undefined;
  const other = about.copiedFrom(record);
  if (other !== undefined) {
    return unsettled(step, 'bad-record', `The record ${short(record)} of "${step.title}" is about the step ${other}.`, {
      record,
      hint: `Do the step itself: handrail explain ${step.id}`,
    });
  }
  return unsettled(step, 'stale-evidence', `What "${step.title}" demands is not what its record is about.`, {
    record,
    hint: 'Merge the base branch where it has another workflow by now, and do the step again.',
  });
}

function ended(step: Step, record: EvidenceRecord): Verdict | undefined {
  const { result } = record;
  if (result.outcome === 'failed') {
    const how = result.reason ?? (typeof result.exitCode === 'number' ? `it ended with exit code ${result.exitCode}` : 'a signal ended it');
    return unsettled(step, 'unmet-expectation', `"${step.title}" failed: ${how}.`, {
      record,
      hint: 'Mend what failed and do the step again.',
    });
  }
  if (result.outcome === 'reopened') {
    return unsettled(step, 'missing-evidence', `"${step.title}" was taken back.`, {
      record,
      hint: `Do it again: handrail explain ${step.id}`,
    });
  }
  return undefined;
}

function stale(step: Step, record: EvidenceRecord, about: StepFacts): Verdict | undefined {
  if (record.changeDigest === about.covered(step).digest) return undefined;
  return unsettled(step, 'stale-evidence', `What "${step.title}" covers was changed after it was done.`, {
    record,
    hint: 'Commit everything, do the step again, and commit its record.',
  });
}

function reviewed(step: ReviewStep, record: EvidenceRecord, about: StepFacts): Verdict | undefined {
  const hint = `Review again: handrail run ${step.id}`;
  if (step.require === 'model' && record.provider !== 'model') {
    return unsettled(step, 'unmet-expectation', `"${step.title}" requires a model, and the built-in reviewer alone did it.`, {
      record,
      hint,
    });
  }
  const pinned = pinnedModels(step, about);
  const foreign = pinned && modelsOf(record).find(({ model }) => !pinned.has(model ?? ''));
  if (step.require === 'model' && pinned !== undefined && foreign !== undefined) {
    const names = [...pinned].join(' or ');
    return unsettled(
      step,
      'unmet-expectation',
      `"${step.title}" was done by ${foreign.model ?? 'a model'}, and models.yml of the base says ${names}.`,
      {
        record,
        hint,
      },
    );
  }
  for (const id of step.independentOf) {
    const other = about.record(id);
    const own = other && modelOfBoth(record, other);
    if (own === undefined) continue;
    return unsettled(step, 'unmet-expectation', `${own} reviewed its own work (${id}) in "${step.title}".`, {
      record,
      hint: `Review with another model: handrail run ${step.id}`,
    });
  }
  return undefined;
}

/** The entries that may answer for the step's role: the one it is bound to and its fallbacks. Undefined where nothing binds it. */
function pinnedModels(step: ReviewStep, { facts: { models } }: StepFacts): Set<string> | undefined {
  const role = step.role ?? 'review';
  const first = models !== undefined && Object.hasOwn(models.roles, role) ? models.roles[role] : undefined;
  if (models === undefined || first === undefined) return undefined;
  const names = new Set<string>();
  for (const todo = [first]; todo.length > 0;) {
    const name = todo.pop() ?? '';
    const entry = Object.hasOwn(models.models, name) ? models.models[name] : undefined;
    if (entry === undefined || names.has(name)) continue;
    if (entry.provider !== 'builtin') names.add(name);
    todo.push(...(entry.fallback ?? []));
  }
  return names.size === 0 ? undefined : names;
}

/** The first expectation that the record says does not hold. */
function unmetBy(step: Step, record: EvidenceRecord, { facts }: StepFacts): Verdict | undefined {
  for (const expectation of step.expect) {
    const { met, detail } = judge(expectation, facts, record);
    if (!met)
      return unsettled(step, 'unmet-expectation', `"${step.title}": ${detail}`, { record, hint: `See handrail explain ${step.id}` });
  }
  return undefined;
}

function saidBy({ provider, model, actor }: EvidenceRecord): string {
  if (provider === 'command') return 'A record says that its command ran on this content.';
  if (provider === 'builtin') return 'A record says that the built-in reviewer read this content.';
  if (provider === 'model') return `A record says that ${model ?? 'a model'} did it on this content.`;
  return { human: 'A person said so.', agent: 'An agent said so.', machine: 'A script said so.' }[actor.kind];
}

function short({ id }: EvidenceRecord): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
