import type { AnchorStatus, Usage } from '../finding.ts';
import { percentile } from '../percentile.ts';
import type { CaseOutcome } from './outcome.ts';
import { shareOf, type Share } from './statistics.ts';

/** What a set of outcomes comes to. */
export interface Figures {
  bugs: {
    /** Bugs found, of all bug cases; a failed review found none. */
    recall: Share;
    failed: number;
    /** Of the found ones, those that a built-in engine found, whoever else did. */
    byEngines: number;
  };
  clean: {
    /** Clean changes without a finding, of all; a failed review left none alone. */
    leftAlone: Share;
    failed: number;
    /** Findings on clean changes, per change that was reviewed; absent where there was none. */
    findingsPerChange?: number;
  };
  findings: {
    hit: number;
    beside: number;
    wrong: number;
    /** Hits of hits and wrong ones, from 0 to 1; absent where there are neither. */
    precision?: number;
  };
  /** How the quotes of the model's findings were placed. */
  anchors: Record<AnchorStatus, number>;
  usage: Usage;
  /** Of the reviews that did not fail, in milliseconds (nearest rank); absent where there was none. */
  latency: { p50?: number; p95?: number };
}

/** Works out the figures. What a failed review found before it failed counts for nothing. */
export function figuresOf(outcomes: readonly CaseOutcome[]): Figures {
  const bugs = outcomes.filter(({ kind }) => kind === 'bug');
  const clean = outcomes.filter(({ kind }) => kind === 'clean');
  const reviewed = outcomes.filter(({ result }) => result !== 'failed');
  const findings = reviewed.flatMap((outcome) => outcome.findings);
  const counted = (verdict: string): number => findings.filter((finding) => finding.verdict === verdict).length;
  const [hit, beside, wrong] = [counted('hit'), counted('beside'), counted('wrong')];
  const cleanReviewed = clean.filter(({ result }) => result !== 'failed');
  const onClean = cleanReviewed.reduce((sum, outcome) => sum + outcome.findings.length, 0);
  return {
    bugs: {
      recall: shareOf(having(bugs, 'found'), bugs.length),
      failed: having(bugs, 'failed'),
      byEngines: bugs.filter((outcome) => outcome.result === 'found' && isHitByEngine(outcome)).length,
    },
    clean: {
      leftAlone: shareOf(having(clean, 'left-alone'), clean.length),
      failed: having(clean, 'failed'),
      ...(cleanReviewed.length === 0 ? {} : { findingsPerChange: onClean / cleanReviewed.length }),
    },
    findings: { hit, beside, wrong, ...(hit + wrong === 0 ? {} : { precision: hit / (hit + wrong) }) },
    anchors: anchorsOf(findings),
    usage: usageOf(outcomes),
    latency: latencyOf(reviewed),
  };
}

function having(outcomes: readonly CaseOutcome[], result: CaseOutcome['result']): number {
  return outcomes.filter((outcome) => outcome.result === result).length;
}

function isHitByEngine({ findings }: CaseOutcome): boolean {
  return findings.some(({ verdict, source }) => verdict === 'hit' && source === 'builtin');
}

/** Engines know their lines, so only a model's quotes have to be placed. */
function anchorsOf(findings: CaseOutcome['findings']): Figures['anchors'] {
  const anchors: Figures['anchors'] = { exact: 0, moved: 0, fuzzy: 0, unanchored: 0 };
  for (const { anchor, source } of findings) if (source === 'model') anchors[anchor]++;
  return anchors;
}

/** A sum in several currencies would mean nothing: the cost is left out then. */
function usageOf(outcomes: readonly CaseOutcome[]): Usage {
  const total: Usage = { requests: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cacheHits: 0 };
  const currencies = new Set(outcomes.flatMap(({ usage }) => (usage.cost === undefined ? [] : [usage.cost.currency])));
  let amount = 0;
  for (const { usage } of outcomes) {
    total.requests += usage.requests;
    total.inputTokens += usage.inputTokens;
    total.outputTokens += usage.outputTokens;
    total.cachedTokens += usage.cachedTokens;
    total.cacheHits += usage.cacheHits;
    amount += usage.cost?.amount ?? 0;
  }
  const [currency, ...others] = currencies;
  return currency === undefined || others.length > 0 ? total : { ...total, cost: { amount, currency } };
}

function latencyOf(outcomes: readonly CaseOutcome[]): Figures['latency'] {
  const values = outcomes.map(({ latency }) => latency);
  const [p50, p95] = [percentile(values, 0.5), percentile(values, 0.95)];
  return { ...(p50 === undefined ? {} : { p50 }), ...(p95 === undefined ? {} : { p95 }) };
}
