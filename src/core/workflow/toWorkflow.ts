import type { Approvers, Expectation, Performance, Step, Workflow } from './definition.ts';
import type { RawExpectation, RawStep, RawWorkflow } from './schema.ts';

/** The typed form of a file that satisfies the grammar: defaults filled in, keys in camelCase. */
export function toWorkflow(raw: RawWorkflow): Workflow {
  return {
    version: 1,
    id: raw.id,
    title: raw.title,
    ...(raw.on && { on: { branches: [...raw.on.branches] } }),
    extends: [...(raw.extends ?? [])],
    evidence: raw.evidence ?? 'local',
    vars: { ...raw.vars },
    steps: raw.steps.map(toStep),
    ...(raw.waive && { waive: toWaive(raw.waive) }),
  };
}

function toWaive(waive: NonNullable<RawWorkflow['waive']>): NonNullable<Workflow['waive']> {
  return {
    ...(waive.require && { require: waive.require }),
    ...(waive.expires && { expires: waive.expires }),
    ...(waive.by && { by: toApprovers(waive.by) }),
  };
}

function toApprovers(by: { 'any-of': string[]; not?: string[] | undefined }): Approvers {
  return { anyOf: [...by['any-of']], not: [...(by.not ?? [])] };
}

function toStep(raw: RawStep): Step {
  const base = {
    id: raw.id,
    title: raw.title,
    ...(raw.why !== undefined && { why: raw.why }),
    ...(raw.learn !== undefined && { learn: raw.learn }),
    needs: [...(raw.needs ?? [])],
    ...(raw.when !== undefined && { when: raw.when }),
    expect: (raw.expect ?? []).flatMap(toExpectation),
    ...(raw.inputs && { inputs: [...raw.inputs] }),
    ...(raw.protects && { protects: [...raw.protects] }),
    final: raw.final ?? false,
  };
  switch (raw.kind) {
    case 'manual':
      return { ...base, kind: 'manual', ...(raw.performer && { performer: raw.performer }) };
    case 'command':
      return { ...base, ...performanceOf(raw), kind: 'command', run: raw.run };
    case 'generate':
      return {
        ...base,
        ...performanceOf(raw),
        kind: 'generate',
        prompt: raw.prompt,
        ...(raw.role !== undefined && { role: raw.role }),
        ...(raw.performer && { performer: raw.performer }),
      };
    case 'review':
      return {
        ...base,
        ...performanceOf(raw),
        kind: 'review',
        scope: raw.scope ?? 'branch',
        independentOf: [...(raw['independent-of'] ?? [])],
        ...(raw.role !== undefined && { role: raw.role }),
        ...(raw.require && { require: raw.require }),
      };
    case 'approval':
      return { ...base, kind: 'approval', by: toApprovers(raw.by) };
  }
}

function performanceOf(raw: { retry?: number | undefined; 'continue-on-failure'?: boolean | undefined }): Performance {
  const goesOn = raw['continue-on-failure'];
  return { ...(raw.retry !== undefined && { retry: raw.retry }), ...(goesOn !== undefined && { continueOnFailure: goesOn }) };
}

/** One list item is one expectation; the grammar sees to it. */
function toExpectation(raw: RawExpectation): Expectation[] {
  if (raw.file !== undefined) return [{ kind: 'file', path: raw.file, sections: [...(raw.sections ?? [])] }];
  if (raw.changed !== undefined) return [{ kind: 'changed', glob: raw.changed }];
  if (raw.exit !== undefined) return [{ kind: 'exit', code: raw.exit }];
  if (raw.findings) return [{ kind: 'findings', max: defined(raw.findings) }];
  if (raw.diagnostics) return [{ kind: 'diagnostics', max: defined(raw.diagnostics) }];
  if (raw.attest !== undefined) return [{ kind: 'attest', statement: raw.attest }];
  if (raw.clean) return [{ kind: 'clean' }];
  if (raw.commit !== undefined) return [{ kind: 'commit', subject: raw.commit }];
  return raw['coverage-receipt'] ? [{ kind: 'coverage-receipt' }] : [];
}

function defined<K extends string>(record: Partial<Record<K, number | undefined>>): Partial<Record<K, number>> {
  return Object.fromEntries(Object.entries(record).filter((entry) => entry[1] !== undefined)) as Partial<Record<K, number>>;
}
