import assert from 'node:assert/strict';
import { answeredByFlags, answeredByPerson, linkedNotes, type TeamAnswers, usualDraft } from '../../../src/cli/team/teamQuestions.ts';
import { initText } from '../../../src/cli/text/teamInit.ts';
import { HandrailError } from '../../../src/core/errors.ts';
import { parseTeam } from '../../../src/core/team/teamFile.ts';
import { teamFileText } from '../../../src/core/team/teamFileText.ts';

const NONE: TeamAnswers = {
  team: undefined,
  steps: undefined,
  k: undefined,
  roster: undefined,
  window: undefined,
  transport: undefined,
  counters: undefined,
};
const usual = usualDraft({ folder: 'My Shop (2)', remote: undefined });

/** Somebody who gives these answers, and then goes away. */
function answering(...answers: string[]) {
  const asked: string[] = [];
  const said: string[] = [];
  const dialogue = {
    ask: async (question: string): Promise<string | undefined> => {
      asked.push(question);
      return answers.shift();
    },
    say: (text: string): void => void said.push(text),
    close: (): void => undefined,
  };
  return { dialogue, asked, said };
}

describe('the questions of a new team', () => {
  it('have usual answers that make a valid file, whatever the folder is called', () => {
    for (const folder of ['My Shop (2)', '', 'none', '--', 'ünïcode', '123', 'null', 'true', 'x'.repeat(90), `${'y'.repeat(39)}-z`]) {
      const draft = usualDraft({ folder, remote: 'upstream' });
      const { config, problems } = parseTeam(teamFileText(draft));
      assert.deepEqual(problems, [], folder);
      assert.equal(config?.team, draft.team);
      assert.deepEqual(config.transport, { kind: 'git', remote: 'upstream' });
    }
    assert.equal(usual.team, 'my-shop-2');
    assert.deepEqual(linkedNotes(usual.counters), []);
  });

  it('take flags, and write what was said', () => {
    const draft = answeredByFlags(usual, {
      team: 'payments',
      k: '6',
      roster: '14',
      window: '8',
      transport: 'folder:/srv/a share: #1',
      steps: 'write-tests security',
      counters: 'steps.waits, review.runs',
    });
    const { config, problems } = parseTeam(teamFileText({ ...draft, publicKey: 'A'.repeat(43) }));
    assert.deepEqual(problems, []);
    assert.deepEqual(config, {
      team: 'payments',
      k: 6,
      roster: 14,
      window: 8,
      transport: { kind: 'folder', path: '/srv/a share: #1' },
      steps: ['write-tests', 'security'],
      counters: ['steps.waits', 'review.runs'],
      publicKey: 'A'.repeat(43),
    });
  });

  for (const [key, value, message] of [
    ['team', 'My Team', /small letters/],
    ['team', 'a\nk: 1', /small letters/],
    ['k', '4', /at least 5/],
    ['k', 'five', /number/],
    ['roster', '3', /can never have 5/],
    ['window', '90w', /52w at most/],
    ['transport', 'git:-x', /name of a remote/],
    ['transport', 'folder:', /must not be empty/],
    ['transport', 'otlp:http://collector.example.com', /reached by https/],
    ['steps', 'Write Tests', /steps/],
    ['counters', 'steps.waits', /none is listed/],
    ['counters', 'review.run', /must be one of/],
    ['counters', 'review.runs,review.runs', /listed by item 1/],
    ['counters', ' ', /not empty/],
  ] as const) {
    it(`refuse --${key} ${JSON.stringify(value)} with the words of the file`, () => {
      assert.throws(
        () => answeredByFlags(usual, { ...NONE, [key]: value }),
        (error) => error instanceof HandrailError && error.reason === 'usage' && message.test(error.message) && error.hint !== undefined,
      );
    });
  }

  it('ask until an answer fits, and only for what no flag says', async () => {
    const { dialogue, asked, said } = answering('Our Team', 'our-team', '3', '', '12', 'folder:/srv/share', 'tests', '');
    const draft = await answeredByPerson(usual, { ...NONE, window: '4w' }, dialogue);
    assert.deepEqual(draft, {
      ...usual,
      team: 'our-team',
      roster: 12,
      transport: { folder: '/srv/share' },
      steps: ['tests'],
      counters: draft?.counters,
    });
    assert.ok(draft?.counters.includes('steps.waits') && !draft.counters.includes('steps.dwell'));
    assert.equal(said.length, 2);
    assert.match(said[1] ?? '', /at least 5/);
    assert.equal(asked.length, 8);
    assert.match(asked[0] ?? '', /\[my-shop-2\]: $/);
    assert.ok(!asked.some((question) => /How many weeks/.test(question)));
  });

  it('end when nobody answers any more', async () => {
    assert.equal(await answeredByPerson(usual, NONE, answering('our-team').dialogue), undefined);
  });

  it('say which counters stand in for one another', () => {
    assert.deepEqual(linkedNotes(['steps.dwell', 'steps.completed']), [
      'steps.dwell and steps.completed say partly the same, so only one of them is published: the first, where it can be.',
    ]);
  });

  it('say what comes next: who has the key, and what is open now', () => {
    const plain = (_style: unknown, text: string): string => text;
    const done = { team: 'payments', k: 5, roster: 14, written: '.handrail/telemetry.yml', transport: 'git', notes: [] };
    const made = initText({ ...done, key: { path: '/keys/payments.json', keyId: 'abc' } }, plain);
    assert.match(made, /delete \/keys\/payments\.json/);
    assert.match(made, /--people 14/);
    assert.match(made, /docs\/for-your-team\.md/);
    assert.doesNotMatch(initText(done, plain), /delete/);
    assert.match(made, /--ci github/);
    assert.match(initText({ ...done, transport: 'folder' }, plain), /--ci sh/);
    assert.doesNotMatch(initText({ ...done, transport: 'otlp' }, plain), /--ci/);
  });
});
