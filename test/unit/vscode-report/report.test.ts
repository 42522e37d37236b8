import assert from 'node:assert/strict';
import { seededRandom } from '../../../src/core/seededRandom.ts';
import { whatIf } from '../../../src/core/team/insight/whatIf.ts';
import type { Release } from '../../../src/core/team/release/release.ts';
import { buildReport } from '../../../src/core/team/report/report.ts';
import { pageHtml } from '../../../src/vscode/page/pageHtml.ts';
import type { PageContent } from '../../../src/vscode/page/pagePanel.ts';
import { failedPage, noReleasesPage, REPORT_COMMANDS, reportPage } from '../../../src/vscode/report/reportPage.ts';
import { WHAT_IF_COMMANDS, whatIfPage } from '../../../src/vscode/report/whatIfPage.ts';
import { type TrialStep, WorkflowTrial } from '../../../src/vscode/report/workflowTrial.ts';
import { releaseOf, stepCells } from '../../support/madeReleases.ts';
import { english } from '../vscode-workflow/samples.ts';

const text = (html: string): string => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
const linksOf = ({ body }: PageContent): string[] => [...body.matchAll(/href="([^"]*)"/g)].map(([, link = '']) => link);

function releases(): Release[] {
  const random = seededRandom('report page');
  return Array.from({ length: 8 }, (_, window) => releaseOf(window, { cells: stepCells(random, 200) }));
}

const workflow: TrialStep[] = [
  { id: 'intent', kind: 'manual', title: 'State the <problem>', needs: [] },
  { id: 'tests', kind: 'command', title: 'Run the tests', needs: ['intent'] },
  { id: 'review', kind: 'review', title: 'AI review', needs: ['tests'] },
];

describe("the editor's report", () => {
  it('is the report that is exported, with links that may run the commands of the panel and no others', () => {
    const [first = releaseOf(0), ...others] = releases();
    const page = reportPage(buildReport([first, ...others]), '.handrail/releases', english);
    assert.match(text(page.body), /Releases of \.handrail\/releases, checked against their ledger\./);
    assert.match(text(page.body), /Method and limits/);
    const commands = linksOf(page).map((link) => link.replace(/^command:/, ''));
    assert.deepEqual(commands.toSorted(), [...REPORT_COMMANDS].toSorted());
    const html = pageHtml({ ...page, language: 'en' }, 'n0nce');
    assert.equal([...html.matchAll(/<h1/g)].length, 1);
    // Styles of its own would be refused by the page's policy, and scripts as well.
    assert.doesNotMatch(html, /<script| style="| on\w+="/);
  });

  it('lets no name of a team or a folder become a part of the page', () => {
    const evil = '<img src=x onerror=alert(1)>';
    const page = reportPage(buildReport([releaseOf(0, { team: evil })]), evil, english);
    const failed = failedPage({ message: evil, hint: evil }, evil, english);
    for (const content of [page, failed, noReleasesPage(evil, english)]) {
      assert.doesNotMatch(pageHtml({ ...content, language: 'en' }, 'n0nce'), /<img/);
    }
  });

  it('says what to do where there are no releases, or where they cannot be read', () => {
    const empty = noReleasesPage('.handrail/releases', english);
    assert.match(text(empty.body), /There are no releases in \.handrail\/releases yet\..*handrail team release/);
    assert.deepEqual(linksOf(empty), ['command:handrail.chooseReportFolder', 'command:handrail.openReport']);
    assert.match(text(noReleasesPage(undefined, english).body), /No folder is open/);
    const failed = failedPage({ message: 'The release r-1 was changed.', hint: 'Take the folder back.' }, 'releases', english);
    assert.match(text(failed.body), /There is no report of releases\. The release r-1 was changed\. Take the folder back\./);
  });
});

describe('what if, in the editor', () => {
  it('asks with a slider and links, each a step and what to try with it', () => {
    const trial = new WorkflowTrial(releases(), workflow);
    const page = whatIfPage(trial, english);
    assert.ok(trial.isOwn);
    const changes = linksOf(page).flatMap((link) => {
      const [, args] = /^command:handrail\.tryWorkflowChange\?(.*)$/.exec(link) ?? [];
      return args === undefined ? [] : [JSON.parse(decodeURIComponent(args)) as unknown];
    });
    assert.deepEqual(changes.slice(0, 2), [
      ['intent', 'automate'],
      ['intent', 'drop'],
    ]);
    assert.match(
      page.body,
      /<label for="slider-intent">waits less, by<\/label><input type="range" id="slider-intent" name="intent" aria-label="[^"]+: waits less, by"/,
    );
    assert.ok(!JSON.stringify(changes).includes('["intent","beside"]'), 'the first step has none to be beside');
    assert.ok(linksOf(page).every((link) => WHAT_IF_COMMANDS.some((command) => link.startsWith(`command:${command}`))));
    assert.doesNotMatch(page.body, /<problem>/);
    assert.doesNotMatch(text(page.body), /With what you try/);
  });

  it('says what a change would likely do, and forgets it when told', () => {
    const trial = new WorkflowTrial(releases(), workflow);
    const today = trial.answer();
    trial.try('intent', 'drop');
    const changed = trial.answer();
    assert.ok(today.enough && changed.enough);
    assert.equal(changed.today.median.value, today.today.median.value);
    assert.ok(changed.difference.value < 0, 'a step less takes less time');
    assert.match(text(whatIfPage(trial, english).body), /With what you try .* Shorter by .* with 80 % confidence/);
    trial.reset();
    assert.deepEqual(trial.answer(), today);
  });

  it('tries one thing after the other with a step, and nothing that it was not offered', () => {
    const trial = new WorkflowTrial(releases(), workflow);
    for (const one of ['automate', 'beside']) {
      trial.try('tests', one);
      assert.equal(trial.trialOf('tests'), one);
      assert.ok(trial.answer().enough);
    }
    trial.shorten('tests', 75);
    assert.equal(trial.lessOf('tests'), 75);
    assert.ok(trial.answer().enough);
    trial.shorten('tests', 0);
    assert.equal(trial.trialOf('tests'), 'as-is');
    for (const [step, percent] of [
      ['nobody', 50],
      ['tests', -5],
      ['tests', 100],
      ['tests', Number.NaN],
    ] as const) {
      assert.throws(() => trial.shorten(step, percent), { reason: 'usage' });
    }
    trial.try('tests', 'beside');
    // What it is beside is left out: it begins when that would have.
    trial.try('intent', 'drop');
    assert.ok(trial.answer().enough);
    for (const [step, one] of [
      ['nobody', 'drop'],
      ['intent', 'beside'],
      ['tests', 'explode'],
    ] as const) {
      assert.throws(() => trial.try(step, one), { reason: 'usage' });
    }
  });

  it('takes the kinds of steps that were measured where the workflow has others, or there is none', () => {
    const few = releases().map((release) => ({ ...release, cells: release.cells.filter(({ dims }) => dims['kind'] !== 'review') }));
    for (const trial of [new WorkflowTrial(few, workflow), new WorkflowTrial(few, [])]) {
      assert.equal(trial.isOwn, false);
      assert.ok(trial.steps.length > 0 && trial.steps.every(({ kind }) => kind !== 'review'));
    }
  });

  it('answers of a workflow whose steps the team tells apart as the command line does', () => {
    const random = seededRandom('named steps');
    const kinds = new Map(workflow.map(({ id, kind }) => [kind, id]));
    const named = Array.from({ length: 8 }, (_, window) =>
      releaseOf(window, {
        cells: stepCells(random, 200).flatMap(({ counter, dims, value }) => {
          const step = kinds.get(dims['kind'] as TrialStep['kind']);
          if (counter !== 'steps.dwell') return [{ counter, dims, value }];
          return step === undefined ? [] : [{ counter: 'steps.waits', dims: { step, dwell: dims['dwell'] ?? '' }, value }];
        }),
      }),
    );
    const trial = new WorkflowTrial(named, workflow);
    assert.ok(trial.isOwn);
    assert.deepEqual(trial.steps, workflow);
    trial.try('intent', 'drop');
    const [panel, commandLine] = [
      trial.answer(),
      whatIf({ releases: named, steps: workflow, changes: [{ type: 'drop', step: 'intent' }] }),
    ];
    assert.ok(commandLine.enough);
    assert.deepEqual(panel, commandLine);
    // Without the workflow, and with another team's, both say what is missing.
    const elsewhere = workflow.map((step) => ({ ...step, id: `${step.id}-2`, needs: [] }));
    for (const steps of [[], elsewhere]) {
      const answers = [new WorkflowTrial(named, steps).answer(), whatIf({ releases: named, steps, changes: [] })];
      for (const answer of answers) assert.ok(!answer.enough && answer.reason === 'names');
    }
    assert.match(
      text(whatIfPage(new WorkflowTrial(named, []), english).body),
      /tell steps by name, .* in the folder with the team’s workflow\./,
    );
  });

  it('says why there is no answer where there is too little data', () => {
    const page = whatIfPage(new WorkflowTrial(releases().slice(0, 2), workflow), english);
    assert.match(text(page.body), /Not enough data: it takes 8 released windows, and there are 2\./);
    assert.deepEqual(linksOf(page), ['command:handrail.openReport']);
  });
});
