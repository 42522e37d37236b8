import assert from 'node:assert/strict';
import fc from 'fast-check';
import { commitMessageOf, SUBJECT_LIMIT } from '../../../src/core/ai/draft/commitMessage.ts';
import { commitStyle, writtenSubjects } from '../../../src/core/ai/draft/commitStyle.ts';

const text = (answer: string, said?: string): string | undefined => commitMessageOf(answer, said === undefined ? {} : { said })?.text;

describe('a commit message', () => {
  const SUBJECT = 'Add the prices instead of counting them';
  const cases: Record<string, string> = {
    'as it is': SUBJECT,
    'with a full stop': `${SUBJECT}.`,
    'in quotation marks': `"${SUBJECT}"`,
    'in backticks': `\`${SUBJECT}\``,
    'in a fence': `\`\`\`\n${SUBJECT}\n\`\`\``,
    'in a fence with a language': `\`\`\`text\n${SUBJECT}\n\`\`\`\n`,
    'in a fence that was cut off': `\`\`\`\n${SUBJECT}`,
    announced: `Here is the commit message:\n\n${SUBJECT}`,
    'announced with a fence, and explained': `Sure! Here's a commit message for this change:\n\n\`\`\`\n${SUBJECT}\n\`\`\`\n\nThis message follows the style.`,
    labelled: `Commit message: ${SUBJECT}`,
    'labelled in bold': `**Subject:** ${SUBJECT}`,
    'as a heading': `# ${SUBJECT}`,
    'as an item': `- ${SUBJECT}`,
    'with a farewell': `${SUBJECT}\n\nLet me know if you want it shorter!`,
    'after thoughts': `<think>\nIt adds now.\n</think>\n\n${SUBJECT}`,
    'with the line ends of Windows': `\r\n${SUBJECT}\r\n`,
    'with hidden characters': `Add\u200b the prices \u202einstead of counting them`,
  };
  for (const [what, answer] of Object.entries(cases)) it(`is cleaned: ${what}`, () => assert.equal(text(answer), SUBJECT));

  it('is none where the answer holds none', () => {
    for (const answer of ['', '  \n\n', '```\n```', '<think>only thoughts', '""', '\u200b']) assert.equal(text(answer), undefined, answer);
  });

  it('keeps a body behind one blank line, its items, and code as it is', () => {
    const answer = `feat(cart): add prices\nIt counted them.\n\n\n- one\n- two\n\n    indented code that is longer than seventy-two characters and has to stay as it is`;
    assert.equal(
      text(answer),
      'feat(cart): add prices\n\nIt counted them.\n\n- one\n- two\n\n    indented code that is longer than seventy-two characters and has to stay as it is',
    );
  });

  it('breaks long prose, and indents what an item goes on with', () => {
    const words = Array.from({ length: 20 }, (_, index) => `word${index}`).join(' ');
    const lines = (text(`Add it\n\n${words}\n\n- ${words}`) ?? '').split('\n');
    assert.ok(
      lines.every((line) => line.length <= SUBJECT_LIMIT),
      lines.join('\n'),
    );
    assert.match(lines.join('\n'), /\n {2}word/);
  });

  it('shortens a long subject at a word, keeps the whole of it in the body, and says so', () => {
    const long = 'Add the prices of all the items in the cart instead of counting how many of them there are';
    const message = commitMessageOf(`${long}\n\nBecause.`);
    const [subject = '', blank, ...body] = (message?.text ?? '').split('\n');
    assert.ok(subject.length <= SUBJECT_LIMIT && long.startsWith(subject) && long[subject.length] === ' ');
    assert.equal(blank, '');
    assert.equal(body.join(' ').replace(/ {2}/u, '|'), `${long}|Because.`);
    assert.match(message?.notices.join() ?? '', /longer than 72/);
    assert.ok((text('x'.repeat(500)) ?? '').split('\n')[0]?.length === SUBJECT_LIMIT);
  });

  it('signs for nobody, closes no issue and skips no checks, unless the person said so', () => {
    const answer =
      'Mend the total [skip ci]\n\nFixes #12 and closes acme/shop#13.\n\nSigned-off-by: A <a@b.c>\nCo-authored-by: M <m@x.y>\nSkip-Checks: true';
    const cleaned = commitMessageOf(answer);
    assert.equal(cleaned?.text, 'Mend the total\n\nFixes 12 and closes 13.');
    assert.match(cleaned.notices.join(), /taken out/);
    assert.match(text(answer, 'fix/12-total') ?? '', /Fixes #12 and closes 13\./);
    assert.match(text(answer, 'Signed-off-by: A <a@b.c>') ?? '', /Signed-off-by: A <a@b\.c>$/);
    assert.match(text(answer, 'please [skip ci]') ?? '', /^Mend the total \[skip ci\]/);
    for (const [asked, kept] of [
      ['Closes https://git.example/a/b/issues/7', 'Closes 7'],
      ['resolves: GH-8', 'resolves 8'],
      ['Implements group/sub/project#9', 'Implements 9'],
      ['Closes issue #46 and #47', 'Closes 46 and #47'],
      ['fix:#5', 'fix 5'],
      ['Fixes\u00a0#6', 'Fixes 6'],
      ['A look at #10', 'A look at #10'],
      ['Fix UTF-8 in names', 'Fix UTF-8 in names'],
    ]) {
      assert.equal(text(`Mend it\n\n${asked}`), `Mend it\n\n${kept}`);
    }
    assert.match(text('Mend it\n\nFixes #1', 'branch fix/12') ?? '', /Fixes 1$/);
  });

  it('never fails, whatever the answer is, and keeps its first line short', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (answer) => {
        const message = commitMessageOf(answer);
        if (message === undefined) return;
        assert.ok((message.text.split('\n')[0] ?? '').length <= SUBJECT_LIMIT);
        assert.notEqual(message.text.trim(), '');
      }),
    );
  });

  it('is read in time that grows with its length', () => {
    for (const piece of [
      '```\n',
      '**a',
      '"',
      '<think>',
      '#',
      '- ',
      'Signed-off-by:',
      '[skip ci]',
      'fixes #',
      'fixes a/',
      'fixes https://a/issues/',
      ' ',
      '\n',
    ]) {
      const started = performance.now();
      commitMessageOf(piece.repeat(16_000 / piece.length));
      assert.ok(performance.now() - started < 5_000, piece);
    }
  });
});

describe('the style of commits', () => {
  it('has types where at least half of them have, the most frequent first', () => {
    const style = commitStyle(['feat(cart): a', 'fix: b', 'feat!: c', 'Merge branch main', 'Update readme']);
    assert.deepEqual(style, { conventional: true, types: ['feat', 'fix'] });
    assert.equal(commitStyle(['Add a', 'fix: b', 'Mend c']).conventional, false);
    assert.equal(commitStyle([]).conventional, false);
  });

  it('looks at what people wrote', () => {
    assert.deepEqual(writtenSubjects(['Merge pull request #1', 'Revert "x"', 'fixup! y', ' Add z ', '']), ['Add z']);
  });
});
