import { tableHtml } from '../../core/charts/figureHtml.ts';
import { escapeHtml } from '../../core/html.ts';
import type { SharingState } from '../../core/team/sharing.ts';
import { COUNTERS } from '../../core/telemetry/counters.ts';
import type { Preview, PreviewedWeek, WeekStatus } from '../../node/team/contributor.ts';
import { commandLink, paragraph } from '../page/pageHtml.ts';
import type { PageContent } from '../page/pagePanel.ts';
import type { Localise } from '../review/plainText.ts';

/**
 * *What My Lead Sees*: every figure that would leave, from the code that sends it, with who can open it and what the way still shows.
 * What a person agrees to is this page.
 */
export function sharedPage(preview: Preview, l10n: Localise): PageContent {
  const { team, k, roster, weeks, bytes, outside } = preview;
  const title = l10n.t('What the Lead of {0} Sees', team);
  const parts = [
    paragraph(stateText(preview.state, team, l10n)),
    `<div class="actions">${actions(preview, l10n).join('')}</div>`,
    heading(l10n.t('What leaves, week by week')),
    weeks.length === 0
      ? paragraph(l10n.t('No week that is over holds anything to share. A week in which nothing was done leaves no trace.'))
      : weeks.map((week) => weekHtml(week, l10n)).join('\n'),
    heading(l10n.t('Who can see it')),
    '<ul>',
    item(sealText(preview, l10n)),
    item(wayText(preview, l10n)),
    item(
      roster === undefined
        ? l10n.t('Your lead and everybody else see sums of a window of weeks, and only where {0} people or more are behind them.', k)
        : l10n.t(
            'Your lead and everybody else see sums of a window of weeks, and only where {0} people or more are behind them, of a team of {1}.',
            k,
            roster,
          ),
    ),
    item(
      l10n.t('Each contribution is {0} bytes before sealing, whatever it holds. Outside of the seal stand {1}.', bytes, outside.join(', ')),
    ),
    item(
      l10n.t(
        'The token changes every week, so that it links no two of them; who has the key and also sees who sent what can tell whose they are.',
      ),
    ),
    ...(preview.assistants ? [item(l10n.t('Usage of your other assistants that belongs to no team goes to this one.'))] : []),
    '</ul>',
    paragraph(
      l10n.t(
        'Whoever does not share looks the same as whoever did nothing that week. You can stop at any time; sums that were released cannot be recalled.',
      ),
    ),
  ];
  return { title, body: parts.join('\n') };
}

/** The page of a folder that belongs to no team. */
export function noTeamPage(l10n: Localise): PageContent {
  return {
    title: l10n.t('What My Lead Sees'),
    body: [
      paragraph(
        l10n.t(
          'Nothing. This folder belongs to no team: it has no file .handrail/telemetry.yml, so nothing is asked for and nothing leaves.',
        ),
      ),
      paragraph(l10n.t('What is recorded while telemetry is on stays on this machine.')),
      `<div class="actions">${commandLink('handrail.showMyWeeks', l10n.t('Show My Weeks'), 'secondary')}</div>`,
    ].join('\n'),
  };
}

/** The weeks that could leave now. */
export function readyWeeks({ weeks }: Pick<Preview, 'weeks'>): string[] {
  return weeks.filter(({ status }) => status !== 'sent').map(({ week }) => week);
}

/** What sharing is offered as; undefined where nothing is ready, and what will be leaves by itself. */
function shareLabel({ state, weeks }: Preview, l10n: Localise): string | undefined {
  if (!state.sharing) return state.because === 'not-agreed' ? l10n.t('Share…') : l10n.t('Agree Again…');
  if (readyWeeks({ weeks }).length > 0) return l10n.t('Share Now…');
  return state.automatic ? undefined : l10n.t('Share Every Week…');
}

function actions(preview: Preview, l10n: Localise): string[] {
  const { state, linked } = preview;
  const share = shareLabel(preview, l10n);
  return [
    ...(share === undefined ? [] : [commandLink('handrail.contribute', share)]),
    ...(state.sharing || state.since !== undefined ? [commandLink('handrail.stopSharing', l10n.t('Stop Sharing…'), 'secondary')] : []),
    commandLink('handrail.linkDevice', linked ? l10n.t('Link Another Device…') : l10n.t('Link This Device…'), 'secondary'),
    commandLink('handrail.showMyWeeks', l10n.t('Show My Weeks'), 'secondary'),
  ];
}

/** How sharing stands, in a sentence. */
export function stateText(state: SharingState, team: string, l10n: Localise): string {
  if (state.sharing) {
    return state.automatic
      ? l10n.t('You share weekly figures with {0} since {1}. They leave by themselves.', team, state.since)
      : l10n.t('You share weekly figures with {0} since {1}, each time when you say so.', team, state.since);
  }
  switch (state.because) {
    case 'not-agreed':
      return l10n.t('You share nothing. Team {0} asks for figures of your work in this folder; this is what they would be.', team);
    case 'changed':
      return l10n.t('Sharing is paused: what team {0} asks for is not what you agreed to any more.', team);
    case 'ledger':
      return l10n.t(
        'Sharing is paused: what team {0} has released was changed, and not only added to. Ask why before you agree again.',
        team,
      );
    case 'elsewhere':
      return l10n.t('Sharing with team {0} is paused: it would go to another place than you agreed to.', team);
    case 'recording':
      return l10n.t('Sharing is paused, because telemetry is not on.');
  }
}

function weekHtml({ week, status, contribution: { counters, revision, token, registry } }: PreviewedWeek, l10n: Localise): string {
  const units = new Map(COUNTERS.map(({ name, unit }) => [name, unit]));
  const rows = counters.map(({ counter, dims, value }) => [counter, Object.values(dims).join(', '), value, units.get(counter) ?? '']);
  const table = tableHtml(
    { columns: [l10n.t('Counter'), l10n.t('Of'), l10n.t('Value'), l10n.t('Unit')], rows },
    l10n.t('Figures of {0}', week),
  );
  const known = token ?? l10n.t('(once this device is linked)');
  const rest = l10n.t('Revision {0}, token {1}, counters {2}.', revision, known, registry);
  return `<h3>${escapeHtml(`${week} · ${statusWords(status, l10n)}`)}</h3>\n${table}<p class="note">${escapeHtml(rest)}</p>`;
}

function statusWords(status: WeekStatus, l10n: Localise): string {
  switch (status) {
    case 'new':
      return l10n.t('not sent yet');
    case 'changed':
      return l10n.t('sent; something was added since');
    case 'queued':
      return l10n.t('sealed, and waits for a way out');
    case 'sent':
      return l10n.t('sent');
  }
}

/** Who has the key, as far as the team's file says. */
export function sealText({ keyId }: Pick<Preview, 'keyId'>, l10n: Localise): string {
  return keyId === undefined
    ? l10n.t('The team names no key, so nothing can be sealed and nothing is sent.')
    : l10n.t(
        'It is sealed for the key {0}. Whoever has its private half can open it, and sees the figures of one person and week without a name. Ask your team who that is.',
        keyId,
      );
}

/** What the way of sending still shows, and to whom. */
export function wayText({ transport, to }: Pick<Preview, 'transport' | 'to'>, l10n: Localise): string {
  switch (transport?.kind) {
    case undefined:
      return l10n.t('The team names no way to send it, so nothing is sent.');
    case 'folder':
      return l10n.t(
        'It goes into the folder {0}. Whoever can look into it sees that a file was added, when, and mostly by whom.',
        to ?? transport.path,
      );
    case 'git':
      return l10n.t(
        'It goes to the git remote {0}. Its host notes who pushed, when and from where; whoever can read the repository can count the contributions of a week. What is taken back, the host keeps until it cleans up.',
        to === undefined || to === transport.remote ? transport.remote : `${transport.remote}, ${to}`,
      );
    case 'otlp':
      return l10n.t(
        'It goes to the collector at {0}. Whoever runs it sees from which address it came, and when. It cannot be taken back.',
        transport.url,
      );
  }
}

function heading(text: string): string {
  return `<h2>${escapeHtml(text)}</h2>`;
}

function item(text: string): string {
  return `<li>${escapeHtml(text)}</li>`;
}
