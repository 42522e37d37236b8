import type { CoverageEntry, Finding, ReviewResult, Severity } from '../finding.ts';

/** GitHub's code scanning sorts by this number (`security-severity`). */
const SECURITY_SEVERITY: Record<Severity, string> = { critical: '9.5', high: '8.0', medium: '5.5', low: '3.0', info: '0.0' };
const LEVEL: Record<Severity, 'error' | 'warning' | 'note'> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/**
 * A review as a SARIF 2.1.0 log (OASIS standard, schema `sarif-schema-2.1.0.json`). Lines count from 1. A finding without a place names
 * its file and no region; a dismissed one is there with the reason, as suppressed; what was not read in full is among the tool's
 * notifications, so that a clean log is not taken for a complete one.
 */
export function toSarif(review: Pick<ReviewResult, 'model' | 'findings' | 'dismissed' | 'coverage' | 'notices'>, version: string) {
  const dismissed = review.dismissed.flatMap(({ finding, reason }) => (finding === undefined ? [] : [{ finding, reason }]));
  const findings = [...review.findings, ...dismissed.map(({ finding }) => finding)];
  const rules = [...new Set(findings.map(ruleOf))].sort();
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Handrail',
            version,
            properties: { model: review.model },
            rules: rules.map((id) => ruleEntry(id, findings)),
          },
        },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: [
              ...review.coverage.flatMap(unread),
              ...review.notices.map((text) => ({ level: 'note', message: { text: withoutLinks(text) } })),
            ],
          },
        ],
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { ROOT: { description: { text: 'The workspace folder.' } } },
        results: [
          ...review.findings.map((finding) => result(finding, rules)),
          ...dismissed.map(({ finding, reason }) => ({ ...result(finding, rules), suppressions: [suppression(reason)] })),
        ],
      },
    ],
  };
}

/** Remembered outside of the code, by a person or a team. */
function suppression(reason: string) {
  return { kind: 'external', status: 'accepted', justification: withoutLinks(reason) };
}

function unread({ file, status, reason }: CoverageEntry) {
  if (status === 'full') return [];
  const what = status === 'partial' ? 'was read in part' : 'was not read';
  return [
    {
      level: status === 'partial' ? 'warning' : 'note',
      message: { text: withoutLinks(`${file} ${what}${reason === undefined ? '.' : `: ${reason}.`}`) },
      locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file), uriBaseId: 'ROOT' } } }],
    },
  ];
}

function ruleOf(finding: Finding): string {
  return finding.rule ?? `${finding.source}/${finding.category}`;
}

function ruleEntry(id: string, findings: readonly Finding[]) {
  const found = findings.find((finding) => ruleOf(finding) === id);
  const security = found && (found.category === 'security' || found.category === 'secret');
  return {
    id,
    shortDescription: { text: withoutLinks(found?.rule === undefined ? `Finding of category ${found?.category ?? 'bug'}` : found.title) },
    properties: {
      tags: [found?.category ?? 'bug'],
      ...(security ? { 'security-severity': SECURITY_SEVERITY[found.severity] } : {}),
    },
  };
}

function result(finding: Finding, rules: readonly string[]) {
  const region =
    finding.startLine === undefined
      ? {}
      : { region: { startLine: finding.startLine, endLine: finding.endLine ?? finding.startLine, snippet: { text: finding.quote } } };
  return {
    ruleId: ruleOf(finding),
    ruleIndex: rules.indexOf(ruleOf(finding)),
    level: LEVEL[finding.severity],
    message: { text: withoutLinks(finding.title === finding.message ? finding.message : `${finding.title}\n\n${finding.message}`) },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(finding.file), uriBaseId: 'ROOT' }, ...region } }],
    partialFingerprints: { 'handrailFinding/v1': finding.id },
    ...(finding.fix ? { fixes: [fix(finding)] } : {}),
    properties: { severity: finding.severity, category: finding.category, source: finding.source, anchor: finding.anchor },
  };
}

function fix(finding: Finding) {
  const edits = finding.fix?.edits ?? [];
  return {
    description: { text: withoutLinks(`Fix: ${finding.title}`) },
    artifactChanges: edits.map((edit) => ({
      artifactLocation: { uri: uriOf(edit.file), uriBaseId: 'ROOT' },
      // Whole lines including their end: from the first column to the first column of the next line.
      replacements: [
        {
          deletedRegion: { startLine: edit.startLine, startColumn: 1, endLine: edit.endLine + 1, endColumn: 1 },
          insertedContent: { text: edit.newText === '' ? '' : `${edit.newText}\n` },
        },
      ],
    })),
  };
}

/** Viewers make a link of `[words](destination)` in a plain message too (SARIF 2.1.0, 3.11.6). */
function withoutLinks(text: string): string {
  return text.replaceAll('](', '] (');
}

/** A relative path as a URI reference (RFC 3986). */
function uriOf(path: string): string {
  return path
    .toWellFormed()
    .split('/')
    .map((segment) => encodeURIComponent(segment.toWellFormed()))
    .join('/');
}
