import assert from 'node:assert/strict';
import type { TelemetryEvent } from '../../../src/core/telemetry/catalogue.ts';
import { myWeeks } from '../../../src/core/telemetry/myWeeks.ts';
import type { Preview } from '../../../src/node/team/contributor.ts';
import { pageHtml } from '../../../src/vscode/page/pageHtml.ts';
import { noTeamPage, sharedPage } from '../../../src/vscode/telemetry/sharedPage.ts';
import { weeksPage } from '../../../src/vscode/telemetry/weeksPage.ts';
import { english } from '../vscode-workflow/samples.ts';

const NOW = Date.UTC(2026, 10, 27);

const preview = (more: Partial<Preview>): Preview => ({
  team: 'payments',
  k: 5,
  roster: 14,
  state: { sharing: false, because: 'not-agreed' },
  linked: false,
  assistants: false,
  keyId: '0123456789abcdef',
  transport: { kind: 'git', remote: 'origin' },
  config: `sha256:${'0'.repeat(64)}`,
  outside: ['schema', 'team', 'week', 'keyId'],
  bytes: 16_384,
  weeks: [
    {
      week: '2026-W47',
      status: 'new',
      contribution: {
        schema: 'handrail.contribution/1',
        week: '2026-W47',
        team: 'payments',
        registry: 'sha256:ab',
        revision: 1,
        counters: [{ counter: 'review.runs', dims: { outcome: 'completed' }, value: 12 }],
      },
    },
  ],
  ...more,
});

const text = (html: string): string => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');

describe('pages of one’s own figures', () => {
  it('let in no script, no style but their own, and load nothing', () => {
    const html = pageHtml({ title: '<b>', body: '', language: 'en"' }, 'NONCE');
    assert.match(html, /content="default-src 'none'; style-src 'nonce-NONCE'"/);
    assert.match(html, /<h1>&lt;b&gt;<\/h1>/);
    assert.match(html, /<html lang="en&quot;">/);
    assert.doesNotMatch(html, /<script|https?:/);
    const slides = pageHtml({ title: 'x', body: '', language: 'en', sliders: true }, 'NONCE');
    assert.match(slides, /content="default-src 'none'; style-src 'nonce-NONCE'; script-src 'nonce-NONCE'"/);
    assert.equal([...slides.matchAll(/<script/g)].length, 1);
  });

  it('have a chart for what there is and none for what there is not', () => {
    const event = (fields: Partial<TelemetryEvent>): TelemetryEvent => ({
      schema: 1,
      day: '2026-11-25',
      operation: 'generate',
      outcome: 'accepted',
      source: 'handrail',
      modelFamily: 'claude',
      ...fields,
    });
    const five = Array.from({ length: 5 }, () => event({}));
    const { body } = weeksPage(myWeeks([...five, event({ outcome: 'rejected', modelFamily: 'gpt' })], NOW), 90, english);
    assert.deepEqual(
      [...body.matchAll(/<figcaption>([^<]+)</g)].map(([, caption]) => caption),
      ['What you did', 'What became of proposals'],
    );
    assert.match(text(body), /claude 5 of 5 \(100 %\) not measured yet/);
    assert.match(text(body), /gpt 0 of 1, too few to say/);
    assert.match(text(body), /No cost is known/);
    assert.equal([...body.matchAll(/<svg /g)].length, [...body.matchAll(/<details>/g)].length);
  });

  it('say so while there is nothing', () => {
    assert.match(text(weeksPage(myWeeks([], NOW), 90, english).body), /Nothing is recorded yet/);
    assert.match(text(noTeamPage(english).body), /belongs to no team/);
  });

  it('show all that would leave, who can open it, and what the way shows', () => {
    const { title, body } = sharedPage(preview({}), english);
    assert.equal(title, 'What the Lead of payments Sees');
    for (const word of ['review.runs', 'completed', '12', '0123456789abcdef', 'origin', '16384', 'sha256:ab', '5 people', 'team of 14']) {
      assert.ok(text(body).includes(word), word);
    }
    assert.match(body, /href="command:handrail.contribute"/);
    assert.doesNotMatch(body, /command:handrail.stopSharing/);
  });

  it('offer to end what was agreed to, also while it is paused', () => {
    const sharing = sharedPage(preview({ state: { sharing: true, since: '2026-11-01', automatic: true } }), english).body;
    assert.match(text(sharing), /since 2026-11-01. They leave by themselves/);
    const paused = sharedPage(preview({ state: { sharing: false, because: 'changed', since: '2026-11-01' } }), english).body;
    assert.match(text(paused), /paused/);
    for (const body of [sharing, paused]) assert.match(body, /command:handrail.stopSharing/);
  });

  it('offer to share now only what is ready', () => {
    const sent = preview({}).weeks.map((week) => ({ ...week, status: 'sent' as const }));
    const offered = (more: Partial<Preview>): string | undefined =>
      /command:handrail\.contribute"[^>]*>([^<]*)</.exec(sharedPage(preview(more), english).body)?.[1];
    const sharing = (automatic: boolean) => ({ sharing: true, since: '2026-11-01', automatic }) as const;
    assert.equal(offered({ state: sharing(false) }), 'Share Now…');
    assert.equal(offered({ state: sharing(true) }), 'Share Now…');
    for (const weeks of [sent, []]) {
      assert.equal(offered({ state: sharing(false), weeks }), 'Share Every Week…');
      assert.equal(offered({ state: sharing(true), weeks }), undefined);
      assert.equal(offered({ weeks }), 'Share…');
    }
  });

  it('escape what a team’s file says', () => {
    const { body } = sharedPage(preview({ transport: { kind: 'git', remote: '<img src=x onerror=y>' } }), english);
    assert.ok(!body.includes('<img'));
    assert.ok(body.includes('&lt;img'));
  });
});
