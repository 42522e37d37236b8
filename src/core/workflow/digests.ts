import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import type { Change, ChangeSet } from './changes.ts';
import type { Expectation, Step, Workflow } from './definition.ts';

/** Digests that bind evidence to content. All are `sha256:<hex>` over RFC 8785 canonical JSON in UTF-8. */

/** Digest of a JSON value, `sha256:<hex>`. Keys whose value is undefined do not count. */
export function digestOf(value: unknown): string {
  return `sha256:${sha256Hex(canonicalJson(value))}`;
}

/** The RFC 8785 text of a JSON value. Keys whose value is undefined do not count. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(wellFormed(value));
  if (text === undefined) throw new TypeError('Only JSON values have a canonical form.');
  return text;
}

/** RFC 8785 refuses lone surrogates, which a YAML escape can spell; they count as U+FFFD. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toWellFormed(), wellFormed(item)]));
  }
  return value;
}

/** Hex SHA-256 of a text in UTF-8, without prefix. */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** What one changed path contributes to a change digest: content and mode before and after, nothing else. */
export type ChangeTriple = [path: string, oldMode: string | null, oldBlob: string | null, newMode: string | null, newBlob: string | null];

export function toTriple(change: Change): ChangeTriple {
  return [change.path, change.oldMode, change.oldBlob, change.newMode, change.newBlob];
}

/** Digest of the sorted (path, old, new) triples of the given part of a change set. An empty part has a digest too. */
export function changeDigest(entries: ChangeSet['entries']): string {
  return digestOf(entries.map(toTriple));
}

/** What a step's meaning depends on beside its own text. */
export interface StepContext {
  /** Content of the prompt file; undefined when there is none. */
  prompt?: string | undefined;
  /** The pinned model behind the step's role, as the team's models file says. */
  modelPin?: string | undefined;
}

/**
 * Digest of the fields that change what a step demands: kind, run, the prompt's content, role and model pin, expect, inputs, by,
 * require, scope, independent-of, performer. Title, why, learn, needs, when, retry and continue-on-failure are left out, so editing them
 * invalidates nothing.
 */
export function stepDigest(step: Step, context: StepContext = {}): string {
  return digestOf({
    kind: step.kind,
    expect: step.expect.map(normalExpectation),
    inputs: step.inputs,
    ...meaningOf(step),
    promptContent: context.prompt === undefined ? undefined : sha256Hex(context.prompt),
    modelPin: context.modelPin,
  });
}

function meaningOf(step: Step): Record<string, unknown> {
  switch (step.kind) {
    case 'manual':
      return { performer: step.performer };
    case 'command':
      return { run: step.run };
    case 'generate':
      return { prompt: step.prompt, role: step.role, performer: step.performer };
    case 'review':
      return { role: step.role, scope: step.scope, require: step.require, independentOf: [...step.independentOf].sort() };
    case 'approval':
      return { by: { anyOf: [...step.by.anyOf].sort(), not: [...step.by.not].sort() } };
  }
}

function normalExpectation(expectation: Expectation): unknown {
  return { ...expectation };
}

/**
 * Digest of what a workflow makes people and machines do: everything but titles, `why` and `learn`. It is what a person trusts
 * before its commands run outside the editor, so it reads the definition only and no file the definition points at.
 */
export function workflowDigest(workflow: Workflow): string {
  return digestOf({
    version: workflow.version,
    id: workflow.id,
    branches: workflow.on?.branches,
    evidence: workflow.evidence,
    vars: workflow.vars,
    waive: workflow.waive,
    steps: workflow.steps.map((step) => ({
      id: step.id,
      needs: [...step.needs].sort(),
      when: step.when,
      protects: step.protects,
      final: step.final,
      ...performanceOf(step),
      digest: stepDigest(step),
    })),
  });
}

/** How a step is performed, where anything was said about it: workflows that say nothing keep the digest they had. */
export function performanceOf(step: Step): { retry?: number; continueOnFailure?: true } {
  if (step.kind === 'manual' || step.kind === 'approval') return {};
  const { retry = 0, continueOnFailure = false } = step;
  return { ...(retry > 0 ? { retry } : {}), ...(continueOnFailure ? { continueOnFailure: true } : {}) };
}
