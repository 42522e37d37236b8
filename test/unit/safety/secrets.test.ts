import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RawFinding } from '../../../src/core/ai/finding.ts';
import { prepareGeneration } from '../../../src/core/ai/generate/prepare.ts';
import type { GenerateInput } from '../../../src/core/ai/generate/pipeline.ts';
import { diffHunks } from '../../../src/core/ai/review/hunks.ts';
import { prepareUnits } from '../../../src/core/ai/review/prepare.ts';
import { toSarif } from '../../../src/core/ai/review/sarif.ts';
import { scanSecrets } from '../../../src/node/ai/builtin/secretScan.ts';
import { countNegatives, isLeft, measure, positives, type Measured, type Positive } from '../../support/secretsCorpus.ts';
import { review, reviewInput } from './reviews.ts';

const never = new AbortController().signal;
const secrets = { scan: scanSecrets };

/** A value of a kind in a line of code, e.g. for a place that is no file. */
function lineOf(kind: string): { line: string; secret: string } {
  const one = positives(1).find((positive) => positive.kind === kind && positive.context === 'ts');
  assert.ok(one, kind);
  return { line: one.text.split('\n')[1] ?? '', secret: one.secrets[0] ?? '' };
}

describe('secrets corpus', function () {
  this.timeout(120_000);
  let measured: Measured;
  before(async () => {
    measured = await measure(scanSecrets);
  });

  it('is large enough to say something', () => {
    assert.ok(measured.kinds.all >= 40, String(measured.kinds.all));
    assert.ok(countNegatives() >= 150, String(countNegatives()));
  });

  it('hides at least 95 % of the kinds whole, in every context', () => {
    const { all, whole } = measured.kinds;
    const missed = [...new Set(measured.missed.map(({ kind, context }) => `${kind} in ${context}`))].join(', ');
    assert.ok(whole / all >= 0.95, `${whole} of ${all}; missed: ${missed}`);
  });

  it('takes at most 2 % of what only looks like a secret for one', () => {
    const { all, flagged } = measured.negatives;
    const wrong = measured.wrong.map(({ text, hidden }) => `${hidden.join()} in ${text.trim()}`).join('\n');
    assert.ok(flagged / all <= 0.02, `${flagged} of ${all}:\n${wrong}`);
  });

  it('hides them in removed lines, also where only the lines around tell that they are any', async () => {
    for (const { kind, path, text, secrets: hidden } of positives(1).filter(({ context }) => context === 'ts' || context === 'file')) {
      // A rotated key keeps its first and last line, and a setting its name.
      const after = hidden.reduce((rest, secret) => rest.replaceAll(secret, [...secret].reverse().join('')), text);
      const unit = { path, text: after, hunks: diffHunks(text, after, 3) };
      const { units } = await prepareUnits([unit], secrets, never);
      const sent = JSON.stringify(units[0]?.unit);
      for (const secret of hidden) assert.equal(isLeft(sent, secret), false, `${kind}: ${secret} in ${sent}`);
    }
  });
});

describe('lines that were removed', () => {
  it('are redacted as what they were, wherever they stood', async () => {
    const line = fc.constantFrom('a', 'b', 'S3CRET1', 'x S3CRET2 y', '', '  d');
    const text = fc.array(line, { maxLength: 30 }).map((lines) => lines.join('\n'));
    const scan = (_path: string, all: string) =>
      Promise.resolve([...all.matchAll(/S3CRET\d/g)].map(({ index }) => ({ start: index, end: index + 7, kind: 'k' })));
    await fc.assert(
      fc.asyncProperty(text, text, async (before, after) => {
        const hunks = diffHunks(before, after, 3);
        const { units } = await prepareUnits([{ path: 'a', text: after, hunks }], { scan }, never);
        const wanted = hunks.map(({ lines }) => lines.map((one) => one.text.replace(/S3CRET\d/g, '[redacted:k]')));
        assert.deepEqual(
          units[0]?.unit.hunks?.map(({ lines }) => lines.map((one) => one.text)),
          wanted,
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('a secret on its way out of the machine', function () {
  this.timeout(60_000);
  const token = lineOf('github-personal-token');
  const key = lineOf('stripe-live-key');
  const password = { line: `const password = 'kT7qLp2#xW9v';`, secret: 'kT7qLp2#xW9v' };

  /** No stretch of any of them in what is sent, in the result, or in the SARIF log. */
  async function leavesNothing(input: Parameters<typeof review>[0], hidden: readonly string[], engine: RawFinding[] = []): Promise<void> {
    const answer = {
      findings: [{ file: input.units[0]?.path, line: 1, quote: '', severity: 'low', category: 'bug', title: 't', message: 'm' }],
    };
    const { sent, result, events } = await review(input, JSON.stringify(answer), engine);
    const all = { sent, result, events, sarif: toSarif(result, '1') };
    for (const [where, what] of Object.entries(all)) {
      for (const secret of hidden)
        assert.equal(isLeft(JSON.stringify(what), secret), false, `${secret} in ${where}: ${JSON.stringify(what)}`);
    }
  }
  const file = (text: string, path = 'src/a.ts') => reviewInput({ units: [{ path, text: `${text}\n` }] });

  it('stays out of files, conventions, rules, known problems and dismissals', async () => {
    await leavesNothing(file(token.line), [token.secret]);
    await leavesNothing({ ...file('a();'), instructions: `Use ${token.secret} for tests.` }, [token.secret]);
    await leavesNothing({ ...file('a();'), rules: `Look for ${token.secret}.` }, [token.secret]);
    await leavesNothing({ ...file('a();'), known: [{ file: 'src/a.ts', line: 1, message: `Unused:\n${token.secret}` }] }, [token.secret]);
    const dismissal = { fingerprint: 'f', file: 'src/a.ts', title: token.line, reason: `${key.secret} is for tests` };
    await leavesNothing({ ...file('a();'), dismissals: [dismissal] }, [token.secret, key.secret]);
  });

  it('stays out of the names of files, and findings about such a file are placed all the same', async () => {
    const path = `backup/${token.secret}/app.ts`;
    const raw = { line: 1, quote: 'run(input);', severity: 'low', category: 'bug', title: 't', message: 'm' };
    // The other file comes first and holds the same, so only the name tells which one is meant.
    const text = 'run(input);\n';
    const units = [
      { path: 'src/b.ts', text },
      { path, text },
    ];
    const input = reviewInput({ units });
    const first = await review(input, '[]');
    const told = /^"(backup\/.*)"$/m.exec(first.sent[0]?.user ?? '')?.[1] ?? '';
    assert.equal(told, 'backup/[redacted:github-token]/app.ts');
    assert.equal(isLeft(JSON.stringify(first.sent), token.secret), false);
    const { findings } = await review(input, JSON.stringify({ findings: [{ ...raw, file: told }] }));
    assert.deepEqual([findings[0]?.file, findings[0]?.startLine], [path, 1]);
  });

  it('is known again wherever else it stands: in other files, in what linters say, in removed lines', async () => {
    const elsewhere = `connect('db', '${password.secret}');`;
    const hidden = [password.secret];
    await leavesNothing(reviewInput({ units: [file(elsewhere).units[0]!, { path: 'b.ts', text: `${password.line}\n` }] }), hidden);
    await leavesNothing(
      { ...file(password.line), known: [{ file: 'src/a.ts', line: 1, message: `Type '"${password.secret}"' is wrong.` }] },
      hidden,
    );
    await leavesNothing({ ...file(elsewhere), instructions: password.line }, hidden);
    const before = `${elsewhere}\n${password.line}\n`;
    const after = `${password.line}\n`;
    await leavesNothing(
      reviewInput({ scope: 'branch', units: [{ path: 'a.ts', text: after, hunks: diffHunks(before, after, 3) }] }),
      hidden,
    );
    const renamed = `${password.line}\n`;
    const now = `${elsewhere}\n`;
    await leavesNothing(reviewInput({ scope: 'branch', units: [{ path: 'a.ts', text: now, hunks: diffHunks(renamed, now, 3) }] }), hidden);
  });

  it('stays out of what engines say, which read the file as it is', async () => {
    const engine: RawFinding = {
      file: 'src/a.ts',
      line: 1,
      severity: 'high',
      category: 'bug',
      title: `Set item "${password.secret}" is duplicated`,
      message: `Remove the duplicate of "${password.secret}".`,
      quote: password.line,
      rule: 'ruff/B033',
    };
    await leavesNothing(file(`${password.line}\nconst all = new Set(['${password.secret}']);`), [password.secret], [engine]);
    const other = { ...engine, line: 2, quote: `x("${password.secret}")` };
    await leavesNothing(file(`${password.line}\nx("${password.secret}");`), [password.secret], [other]);
  });

  it('stays out of the headings that name a function', async () => {
    const name = ['AKIA', 'QZ7YX2WV5UT4SR3P'].join('');
    const text = `export function ${name}(a) {\n${'  line(a);\n'.repeat(20)}}\n`;
    const after = text.replace(/line\(a\);\n\}/, 'last(a);\n}');
    await leavesNothing(reviewInput({ scope: 'branch', units: [{ path: 'a.ts', text: after, hunks: diffHunks(text, after, 3) }] }), [name]);
  });

  it('stays out of generation: instruction, prompt file, step, files, names, conventions, the place of the cursor', async () => {
    const many = positives(1).filter(({ context }) => context === 'ts');
    const next = ((): (() => Positive) => {
      let at = 0;
      return () => many[at++ % many.length]!;
    })();
    const taken = Array.from({ length: 9 }, () => next());
    const [instruction, prompt, title, why, text, other, conventions, named, listed] = taken.map((one) => one.secrets[0] ?? '');
    const line = (secret: string | undefined) => `const setting = '${secret}';`;
    const input: GenerateInput = {
      instruction: `Use ${instruction}.`,
      prompt: { path: `prompts/${listed}.prompt.md`, text: line(prompt) },
      step: { title: `Make ${title}`, why: `Because of ${why}` },
      at: { file: `src/${named}/a.ts`, startLine: 1, endLine: 1, selected: true },
      files: [
        { path: `src/${named}/a.ts`, text: `${line(text)}\n`, needed: true },
        { path: 'src/b.ts', text: `${line(other)}\n`, needed: false },
      ],
      skipped: [],
      named: [],
      instructions: line(conventions),
      names: [`src/${named}/a.ts`, `data/${listed}.json`],
      notices: [],
    };
    const provider = {
      name: 'm',
      model: 'm',
      origin: 'https://m.example',
      contextTokens: 64_000,
      stream: () => assert.fail('nothing is sent'),
    };
    const { system, user, redactions } = await prepareGeneration(input, { provider, secrets, marker: () => 'DATA-marker' }, never);
    for (const { kind, secrets: hidden } of taken) assert.equal(isLeft(system + user, hidden[0] ?? ''), false, `${kind}: ${user}`);
    assert.ok(redactions.length >= 4);
  });
});
