import assert from 'node:assert/strict';
import { SEVERITIES, type Finding, type ReviewResult } from '../../../src/core/ai/finding.ts';
import { diffHunks } from '../../../src/core/ai/review/hunks.ts';
import { splitLines } from '../../../src/core/ai/review/lines.ts';
import { failureOf } from '../../../src/core/errors.ts';
import { summarise } from '../../../src/core/workflow/summary.ts';
import { summaryMarkdown } from '../../../src/core/workflow/summaryMarkdown.ts';
import { injectionGroups, obedientAnswers, type InjectionCase } from '../../support/injectionCorpus.ts';
import { printableLine } from '../../../src/cli/text/printable.ts';
import { previewText } from '../../../src/vscode/models/previewText.ts';
import { toItems } from '../../../src/vscode/review/findingsItems.ts';
import { forMessage } from '../../../src/vscode/review/plainText.ts';
import { track } from '../../../src/vscode/review/trackedFinding.ts';
import { l10n } from '../vscode-review/support.ts';
import { run } from '../vscode-workflow/samples.ts';
import { REFERENCES, render } from '../workflow-summary/hostMarkdown.ts';
import { MARKER, review, reviewInput, reviewOf, type Reviewed } from './reviews.ts';
import {
  assertInertInEditor,
  assertInertInTerminal,
  assertInertItems,
  assertInertMarkdown,
  assertInertSarif,
  assertNoMessageLink,
  assertPlain,
} from './surfaces.ts';

/** Hidden characters of their own are in the second file. */
const CART = `export function total(items) {
  return items.length;
}
export function first(items) {
  return items[0];
}
const [redacted:x];
`;
const OTHER = 'export const other = (a) => a;\nother(1);\n';
const TEXTS = new Map([
  ['src/cart.ts', CART],
  ['src/other.ts', OTHER],
]);
const HONEST = {
  file: 'src/cart.ts',
  line: 2,
  quote: '  return items.length;',
  severity: 'high',
  category: 'bug',
  title: 'Counts instead of adding',
  message: 'The number of items is taken for their price.',
};
const ENGINE = {
  file: 'src/cart.ts',
  line: 5,
  severity: 'critical' as const,
  category: 'secret',
  title: 'A secret is in the file.',
  message: 'Make it invalid.',
  quote: '  return items[0];',
  rule: 'secret/test',
};
const KEYS = new Set(
  'id file startLine endLine severity category title message quote symbol source rule anchor onUnchangedCode fix'.split(' '),
);
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e01ef}]/gu;

const FILE_REVIEW = reviewInput({ units: [...TEXTS].map(([path, text]) => ({ path, text })) });
const BRANCH_REVIEW = reviewInput({
  scope: 'branch',
  units: [...TEXTS].map(([path, text]) => ({ path, text, hunks: diffHunks(text.replace('items.length', 'items'), text, 3) })),
});

/** A model that answers no list at all ends the review; nothing else may come of it. */
async function outcome(input: typeof FILE_REVIEW, answer: string): Promise<Pick<Reviewed, 'findings' | 'result'> | undefined> {
  try {
    return await review(input, answer, [ENGINE]);
  } catch (error) {
    assert.equal(failureOf(error)?.reason, 'bad-response');
    return undefined;
  }
}

function assertBounded(finding: Finding, texts: ReadonlyMap<string, string> = TEXTS): void {
  const text = texts.get(finding.file);
  assert.ok(text !== undefined, `a file that was not under review: ${finding.file}`);
  for (const key of Object.keys(finding)) assert.ok(KEYS.has(key), key);
  assert.ok(SEVERITIES.includes(finding.severity));
  assert.match(finding.id, /^[0-9a-f]{16}(-\d+)?$/);
  assert.match(finding.category, /^[a-z0-9-]{1,60}$/);
  assert.equal(finding.source, 'model');
  assert.equal(finding.rule, undefined);
  assert.ok(finding.title.length <= 160 && !finding.title.includes('\n'));
  assert.ok(finding.message.length <= 4000);
  assertPlain(finding.title + finding.message, 'finding');
  const lines = splitLines(text);
  const { startLine, endLine } = finding;
  if (startLine === undefined || endLine === undefined) {
    assert.equal(finding.anchor.status, 'unanchored');
    assert.equal(finding.fix, undefined);
    assert.ok(finding.quote.length <= 4000);
    return;
  }
  assert.ok(startLine >= 1 && endLine >= startLine && endLine <= lines.length);
  assert.equal(finding.quote, lines.slice(startLine - 1, endLine).join('\n'));
  for (const edit of finding.fix?.edits ?? []) {
    assert.deepEqual([edit.file, edit.startLine, edit.endLine], [finding.file, startLine, endLine]);
    assert.ok(edit.newText.length <= 20_000);
    const before = new Set(finding.quote.match(UNSEEN));
    for (const character of edit.newText.match(UNSEEN) ?? []) assert.ok(before.has(character), 'the fix hides something');
  }
}

function assertInert(result: ReviewResult): void {
  for (const finding of result.findings) assertInertInEditor(finding, TEXTS.get(finding.file) ?? '');
  assertInertInTerminal(result);
  assertInertSarif(result);
  assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
  const markdown = summaryMarkdown(summarise(run([]), result.findings, new Set(TEXTS.keys())));
  const { tags, prose } = render(markdown);
  for (const tag of tags)
    assert.ok(['p', 'strong', 'code', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'sub', 'ul', 'li'].includes(tag), tag);
  for (const reference of REFERENCES) assert.doesNotMatch(prose, reference);
  assert.equal(markdown.split('<!-- handrail:summary:').length, 3);
}

const ANSWERS = obedientAnswers(HONEST);
/** What a model would answer that gives a case what it asks for. */
const OBEYS: Readonly<Record<InjectionCase['asks'], readonly string[]>> = {
  approve: ['edits-of-its-own', 'mentions', 'title-of-lines'],
  'break-output': ['ansi', 'osc-8', 'controls', 'huge', 'html', 'tables-and-headings'],
  'forge-fence': ['silence', 'title-of-lines'],
  'forge-role': ['silence', 'tool-calls'],
  'forge-section': ['silence', 'title-of-lines'],
  hide: ['turned-round', 'fix-hides', 'halves'],
  'leak-key': ['bare-address', 'secret-category'],
  lower: ['severity-none'],
  misplace: ['file-other', 'file-upwards-to-reviewed', 'quote-marker'],
  'open-url': ['remote-image', 'link-with-title', 'reference-link', 'bare-address'],
  'run-command': ['command-link', 'script-link', 'editor-link', 'tool-calls'],
  silence: ['silence', 'severity-none'],
  'write-file': ['file-upwards', 'file-absolute', 'file-hook', 'file-task', 'edits-of-its-own'],
};
/** Answers in which nothing may become an edit. */
const NO_FIX = /^(?:fix-(?:hides|ansi|secret|huge)|quote-(?:nothing|elsewhere)|file-(?:hook|task|other))$/;

describe('what a model that obeys could reach', function () {
  this.timeout(60_000);

  for (const { id, text } of ANSWERS) {
    it(`${id}: findings about what was reviewed, and nothing else`, async () => {
      for (const input of [FILE_REVIEW, BRANCH_REVIEW]) {
        const reached = await outcome(input, text);
        assert.equal(({} as { polluted?: boolean }).polluted, undefined);
        if (!reached) continue;
        const { findings, result } = reached;
        const [engine, ...models] = result.findings.toSorted((a) => (a.source === 'builtin' ? -1 : 1));
        if (input.scope === 'file') {
          assert.deepEqual(
            [engine?.source, engine?.severity, engine?.title],
            ['builtin', 'critical', ENGINE.title],
            'the engine is overruled',
          );
        }
        for (const finding of findings.filter(({ source }) => source === 'model')) assertBounded(finding);
        assert.deepEqual(result.dismissed, []);
        assertInert(result);
        if (NO_FIX.test(id)) for (const { fix } of models) assert.equal(fix, undefined, id);
      }
    });
  }

  for (const { title, cases } of injectionGroups(MARKER)) {
    it(`obeys every case of “${title}” in vain`, async () => {
      for (const one of cases) {
        const { input, engine } = reviewOf(one);
        const texts = new Map(input.units.map(({ path, text }) => [path, text]));
        const quote = texts
          .get(one.path)
          ?.split('\n')
          .find((line) => line.trim().length > 3);
        const honest = { ...HONEST, file: one.path, line: 1, quote, replacement: 'mended();' };
        const answers = obedientAnswers(honest).filter(({ id }) => OBEYS[one.asks].includes(id));
        assert.equal(answers.length, OBEYS[one.asks].length);
        for (const { id, text } of answers) {
          const { findings, result } = await review(input, text, engine);
          assert.equal(findings.filter(({ source }) => source === 'builtin').length, engine.length, one.id);
          for (const finding of findings.filter(({ source }) => source === 'model')) {
            assertBounded(finding, texts);
            assertInertInEditor(finding, texts.get(finding.file) ?? '');
          }
          assertInertInTerminal(result);
          assertInertSarif(result);
          if (one.asks === 'silence')
            assert.deepEqual(
              result.coverage.map(({ status }) => status).filter((status) => status !== 'full'),
              [],
            );
          assert.ok(findings.length > 0 || ['silence', 'tool-calls', 'huge'].includes(id) || one.where === 'engine', `${one.id}: ${id}`);
        }
      }
    });
  }

  it('shows nothing alive of the name of a file', async () => {
    for (const one of injectionGroups(MARKER).flatMap(({ cases }) => cases.filter(({ where }) => where === 'path'))) {
      const { input } = reviewOf(one);
      const raw = { ...HONEST, file: one.path, line: 3, quote: '  second(a);', replacement: '  third(a);' };
      const lost = { ...raw, quote: 'not there', title: 'Lost', message: 'Nowhere to be found.' };
      const { findings, result, events } = await review(input, JSON.stringify({ findings: [raw, lost] }));
      assert.deepEqual(
        findings.map(({ file, startLine }) => [file, startLine]),
        [
          [one.path, 3],
          [one.path, undefined],
        ],
        one.id,
      );
      const skipped = { file: one.path, status: 'partial' as const, reason: `${one.path} could not be read` };
      const told: ReviewResult = {
        ...result,
        coverage: [...result.coverage, skipped],
        redactions: [{ file: one.path, line: 1, kind: 'password' }],
        notices: [`The answer about ${one.path} held no list of findings.`],
      };
      for (const finding of findings) assertInertInEditor(finding, 'export function check(a) {\n  first(a);\n  second(a);\n');
      assertInertInTerminal(told);
      assertInertSarif({ ...told, findings, dismissed: findings.map((finding) => ({ id: finding.id, reason: one.path, finding })) });
      const summary = { reviewer: { name: 'reviewer', model: 'm' }, because: one.path, ...told };
      const running = { reviewer: summary.reviewer, subject: one.path, message: one.path, done: 0, total: 2, outputTokens: 9, found: 1 };
      const dismissed = [{ id: 'd', reason: one.path, title: one.path, file: one.path }];
      assertInertItems(
        toItems({ entries: findings.map((finding) => track(finding)), dismissed, showDismissed: true, summary, running }, l10n),
      );
      const choice = { kind: 'model', name: 'm', because: '', confirmed: true, needsKey: false, offers: [] } as const;
      const requests = [{ files: [one.path], text: one.path, inputTokens: 1 }];
      assertInertMarkdown(previewText({ choice: { ...choice, offers: [] }, ...told, requests }, l10n), 'preview');
      for (const event of events) if (event.type === 'progress') assertPlain(printableLine(event.message), 'progress');
      assertNoMessageLink(forMessage(`Reviewing ${one.path} with ${one.path}`));
    }
  });

  it('makes no link of anything in a message of the editor', () => {
    for (const text of [
      ...ANSWERS.map(({ text }) => text),
      '[a](command:b)',
      '[a]\n(command:b)',
      '[a](https://evil.example "title")',
      '[[a](file:///etc/passwd)](command:b)',
      '[a]{U+200B}(command:b)'.replace('{U+200B}', '\u200b'),
    ])
      assertNoMessageLink(forMessage(text));
    assert.equal(forMessage('Reviewing src/a.ts [1 of 2] (now)'), 'Reviewing src/a.ts [1 of 2] (now)');
  });

  it('keeps the honest finding with its fix', async () => {
    const { findings } = await review(FILE_REVIEW, JSON.stringify({ findings: [{ ...HONEST, replacement: '  return sum(items);' }] }));
    assert.deepEqual(findings[0]?.fix?.edits, [{ file: 'src/cart.ts', startLine: 2, endLine: 2, newText: '  return sum(items);' }]);
  });

  it('places a quote of nothing but a marker only where such a marker stands', async () => {
    const at = async (quote: string): Promise<number | undefined> =>
      (await review(FILE_REVIEW, JSON.stringify({ findings: [{ ...HONEST, line: 2, quote }] }))).findings[0]?.startLine;
    assert.equal(await at('[redacted:other-kind]'), undefined);
    assert.equal(await at('[redacted:x] [redacted:x];'), undefined);
    assert.equal(await at('[redacted:x]'), 7);
    assert.equal(await at('const [redacted:x];'), 7);
    assert.equal(await at('const [redacted:other-kind];'), 7);
  });
});
