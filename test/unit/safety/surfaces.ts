import assert from 'node:assert/strict';
import { marked } from 'marked';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { findingText, reviewSummary } from '../../../src/cli/text/review.ts';
import { printableData } from '../../../src/cli/text/printable.ts';
import type { Finding, ReviewResult } from '../../../src/core/ai/finding.ts';
import { toSarif } from '../../../src/core/ai/review/sarif.ts';
import { explainPage } from '../../../src/vscode/review/explainText.ts';
import { problemCode, threadBody, threadTitle } from '../../../src/vscode/review/findingText.ts';
import { toItems, type FindingsItem } from '../../../src/vscode/review/findingsItems.ts';
import { oneLine, severalLines } from '../../../src/vscode/review/plainText.ts';
import { track } from '../../../src/vscode/review/trackedFinding.ts';
import { l10n } from '../vscode-review/support.ts';

/** Every place where a finding is shown, and what must hold there whatever it says. */

/** Tags that our own pages draw. */
const TAGS: ReadonlySet<string> = new Set(['h1', 'h2', 'p', 'strong', 'em', 'code', 'pre', 'br', 'ul', 'li']);
const NODES: ReadonlySet<string> = new Set([
  'root',
  'heading',
  'paragraph',
  'text',
  'strong',
  'emphasis',
  'inlineCode',
  'code',
  'break',
  'list',
  'listItem',
]);
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
/** Invisible to people; joiners and selectors may stand in emoji. */
const UNSEEN = /[\u00ad\u200b\u2060-\u2064\u3164\ufeff\u{e0000}-\u{e01ef}]|\p{Surrogate}/u;

/** Neither the parser of the editor's hovers and threads nor that of CommonMark finds anything that links, loads or runs. */
export function assertInertMarkdown(markdown: string, what: string): void {
  const html = marked.parse(markdown, { async: false, gfm: true });
  const tags = [...html.matchAll(/<([a-z][a-z0-9]*)((?:"[^"]*"|[^>])*)>/gi)];
  for (const [, name = '', attributes = ''] of tags) {
    assert.ok(TAGS.has(name.toLowerCase()), `${what}: <${name}> in ${markdown}`);
    assert.match(attributes, /^(?: class="language-[a-z]{1,20}")?\/?\s*$/i, `${what}: ${attributes}`);
  }
  const walk = (node: { type: string; children?: { type: string }[] }): void => {
    assert.ok(NODES.has(node.type), `${what}: ${node.type} in ${markdown}`);
    for (const child of node.children ?? []) walk(child);
  };
  walk(fromMarkdown(markdown));
  assertPlain(markdown, what);
}

/** No character steers a terminal, turns text round or hides. Line breaks are allowed. */
export function assertPlain(text: string, what: string): void {
  for (const pattern of [STEERING, TURNING, UNSEEN]) assert.doesNotMatch(text, pattern, `${what}: ${JSON.stringify(text)}`);
}

export function assertLabel(text: string, what: string): void {
  assertPlain(text, what);
  assert.doesNotMatch(text, /[\n\r\u2028\u2029]/, `${what}: ${JSON.stringify(text)}`);
  assert.ok(text.length <= 1000, `${what}: ${text.length} characters`);
}

/** Comment threads, the problems list, hovers, rows and the *Explain* page of the editor. */
export function assertInertInEditor(finding: Finding, text: string): void {
  const entry = { ...track(finding, text), reviewer: { name: 'reviewer', model: 'test-model' } };
  for (const one of [entry, { ...entry, state: 'stale' as const }]) {
    assertLabel(threadTitle(one, l10n), 'title of the thread');
    assertInertMarkdown(threadBody(one, l10n), 'thread');
    assertInertMarkdown(explainPage(one, { because: finding.title, promptDigest: 'sha256:0' }, l10n), 'page');
    const items = toItems({ entries: [one], dismissed: [], showDismissed: false, summary: undefined, running: undefined }, l10n);
    assertInertItems(items);
  }
  assertLabel(problemCode(finding), 'code of the problem');
  assertLabel(oneLine(finding.title, 60), 'quick fix');
  assertPlain(severalLines(finding.title) + severalLines(finding.message), 'problem');
}

/** What the editor takes for a link in its messages, line ends becoming blanks before. */
export function assertNoMessageLink(text: string): void {
  assert.doesNotMatch(text.replace(/[\r\n]+/g, ' '), /\[[^\]]+\]\((?:https?:\/\/|command:|file:)/i, text);
}

/** Labels that say what a folder or file is called may be longer than others. */
export function assertInertItems(items: readonly FindingsItem[]): void {
  for (const item of items) {
    for (const text of [item.label, item.description ?? '', item.spoken]) assertLabel(text, `row ${item.id}`);
    if (item.tooltip !== undefined) assertInertMarkdown(item.tooltip, `hover of ${item.id}`);
    assertInertItems(item.children ?? []);
  }
}

const plain = (_style: unknown, text: string): string => text;

/** The command line's text: no escape sequence, and nothing of others begins a line. */
export function assertInertInTerminal(result: ReviewResult): void {
  for (const finding of result.findings) {
    const [first = '', ...rest] = findingText(printableData(finding), plain).split('\n');
    for (const line of [first, ...rest]) for (const pattern of [STEERING, TURNING]) assert.doesNotMatch(line, pattern);
    for (const line of rest) assert.match(line, /^ {2}/, JSON.stringify(line));
    assert.ok(first.startsWith(printableData({ file: finding.file }).file));
  }
  const summary = reviewSummary(printableData(result), plain);
  for (const pattern of [STEERING, TURNING]) assert.doesNotMatch(summary, pattern);
  const skipped = Math.min(20, result.coverage.filter(({ status }) => status !== 'full').length);
  // One line each for the counts, what was read, the calls of the model, the secrets, and every notice.
  assert.ok(summary.split('\n').length <= 4 + skipped + 1 + result.notices.length, summary);
}

/** A valid SARIF 2.1.0 log (OASIS, sections 3.4, 3.11 and 3.30) that names nothing but files of the workspace. */
export function assertInertSarif(result: ReviewResult): void {
  const log = JSON.parse(JSON.stringify(toSarif(result, '1'))) as ReturnType<typeof toSarif>;
  const uris = JSON.stringify(log).matchAll(/"uri":"([^"]*)"/g);
  for (const [, uri = ''] of uris) {
    const resolved = new URL(uri, 'file:///workspace/');
    assert.equal(resolved.protocol, 'file:', uri);
    assert.ok(resolved.pathname.startsWith('/workspace/') && resolved.host === '' && resolved.search === '' && resolved.hash === '', uri);
  }
  const [run] = log.runs;
  const notifications = run?.invocations.flatMap((one) => one.toolExecutionNotifications) ?? [];
  const justifications = [...JSON.stringify(log).matchAll(/"justification":("(?:[^"\\]|\\.)*")/g)].map(([, text = '""']) =>
    String(JSON.parse(text)),
  );
  for (const text of [...notifications.map(({ message }) => message.text), ...justifications]) assertNoLink(text);
  for (const { message, locations, ruleId, ruleIndex, fixes } of run?.results ?? []) {
    assertNoLink(message.text);
    assertPlain(message.text, 'SARIF message');
    assert.equal(run?.tool.driver.rules[ruleIndex]?.id, ruleId);
    const file = locations[0]?.physicalLocation.artifactLocation.uri;
    for (const { artifactChanges } of fixes ?? [])
      for (const { artifactLocation } of artifactChanges) assert.equal(artifactLocation.uri, file);
  }
}

/** A link in a plain message of SARIF: [text](destination). */
function assertNoLink(text: string): void {
  assert.doesNotMatch(text, /(?<!\\)\[(?:[^\]\\]|\\.)*\]\([^)]*\)/, text);
}
