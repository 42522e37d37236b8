import assert from 'node:assert/strict';
import { ProposalChoice } from '../../../src/vscode/generate/choice.ts';
import { offerText as offerOf, progressText } from '../../../src/vscode/generate/proposal.ts';
import type { Proposal } from '../../../src/vscode/generate/proposal.ts';
import type { Localise } from '../../../src/vscode/review/plainText.ts';
import { proposalPage } from '../../../src/vscode/generate/proposalText.ts';
import { decisionOf, providerOf } from '../../../src/vscode/generate/usage.ts';
import { CREATE, EDIT, l10n, proposalWith } from './samples.ts';

const unplaced = { file: 'src/a.ts', search: 'gone();', replacement: 'here();', because: 'The text was not found.' };

const offerText = (proposal: Proposal, words: Localise): string =>
  offerOf(proposal, new ProposalChoice(proposal.result.changes).size, words);

describe('a proposal', () => {
  it('counts the lines that come and go', () => {
    assert.match(proposalPage(proposalWith({}), l10n), /\(1 file, \+2 −1\)/);
    assert.match(proposalPage(proposalWith({ changes: [EDIT, CREATE] }), l10n), /\(2 files, \+4 −1\)/);
  });

  it('is offered with its size, and with what could not be placed', () => {
    assert.equal(offerText(proposalWith({}), l10n), 'Proposal for a.ts: 1 file, +2 −1. Nothing is written yet.');
    const some = offerText(proposalWith({ changes: [EDIT, CREATE], unplaced: [unplaced] }), l10n);
    assert.equal(some, 'Proposal for a.ts: 2 files, +4 −1. Nothing is written yet. 1 block could not be placed and is left out.');
    const none = offerText(proposalWith({ changes: [], unplaced: [unplaced] }), l10n);
    assert.equal(none, 'Nothing of the proposal for a.ts could be placed. The text was not found.');
    assert.equal(offerText(proposalWith({ changes: [] }), l10n), 'The model proposed no change for a.ts.');
  });

  it('is offered with the warnings that came with it', () => {
    const text = offerText(proposalWith({ notices: ['Read the change of package.json with care.'] }), l10n);
    assert.match(text, /package\.json with care/);
  });

  it('shows how far it is while it is made', () => {
    assert.equal(progressText({ message: 'Writing', blocks: 1, outputTokens: 1234 }, l10n), 'Writing · 1 block · 1,234 tokens');
    assert.equal(
      progressText({ message: 'Writing', blocks: 3, outputTokens: 0, files: ['src/a.ts', 'src/b.ts', 'c.ts'] }, l10n),
      'Writing · 3 blocks · c.ts, b.ts and 1 more',
    );
    assert.equal(progressText({ message: '', blocks: 0, outputTokens: 0 }, l10n), '');
  });

  it('has a page that shows the words of a model literally', () => {
    const page = proposalPage(
      proposalWith(
        {
          explanation: '[run](command:workbench.action.quit) ![x](https://evil.example/x.png)\n# Big',
          unplaced: [{ ...unplaced, search: 'a\n```\n[x](command:y)' }],
          notices: ['<img src=x>'],
          redactions: [{ file: 'src/a.ts', line: 3, kind: 'aws-access-key' }],
        },
        { asked: '> quote\n# heading' },
      ),
      l10n,
    );
    assert.doesNotMatch(page, /\]\(command:workbench|\]\(https:|[^\\]<img|^# Big|^# heading/m);
    assert.match(page, /````\na\n```\n\[x\]\(command:y\)\n````/);
    assert.match(page, /The text was not found/);
    assert.match(page, /src\\\/a\\\.ts\\: in full/);
    assert.match(page, /aws\\-access\\-key/);
    assert.match(page, /Tokens\\: 1\\,200 sent\\, 34 received/);
  });

  it('leaves no content in what is recorded of it', () => {
    const proposal = proposalWith({ explanation: 'secret words' }, { asked: 'my plan', step: { id: 'tests', title: 'Write tests' } });
    assert.deepEqual(decisionOf(proposal, 'accepted'), {
      operation: 'generate',
      outcome: 'accepted',
      provider: 'openai',
      model: 'test-model',
      duration: 5,
      inputTokens: 1200,
      outputTokens: 34,
    });
    const { choice } = proposal;
    assert.equal(providerOf({ ...choice, origin: 'editor:copilot' }).provider, 'vscode');
    assert.equal(providerOf({ ...choice, origin: 'assistant:claude-code' }).provider, 'command');
  });
});
