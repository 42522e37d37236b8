import type { SharingState } from '../../core/team/sharing.ts';
import type { Preview, PreviewedWeek, SentWeeks, Withdrawn } from '../../node/team/contributor.ts';

/** What would leave, who could open it, and what the way still shows. All that a person agrees to. */
export function previewText(preview: Preview): string {
  const { team, k, roster, weeks, assistants } = preview;
  return [
    `Team ${team} asks for figures of your work in this folder (.handrail/telemetry.yml). ${stateText(preview.state)}`,
    '',
    weeks.length === 0 ? 'No week that is over holds anything to share.' : 'What there is to share, and nothing else:',
    ...weeks.flatMap(weekLines),
    '',
    `A contribution leaves once its week is over, and only when something was done in it. Each is ${preview.bytes} bytes before sealing.`,
    'The token changes every week, so that it links no two of them; who has the key and also sees who sent what can tell whose they are.',
    sealText(preview),
    wayText(preview),
    `Figures are published only where ${k} people or more are behind them${roster === undefined ? '' : `, of a team of ${roster}`}.`,
    ...(assistants ? ['Usage of your other assistants that belongs to no team goes to this one.'] : []),
    ...(preview.linked ? [] : ['This device is not linked yet, so nothing can leave: handrail telemetry link']),
    '',
  ].join('\n');
}

/** How sharing stands, in a sentence. */
function stateText(state: SharingState): string {
  if (state.sharing) return `You share them since ${state.since}${state.automatic ? '' : ', each time when you say so'}.`;
  switch (state.because) {
    case 'not-agreed':
      return 'You share nothing.';
    case 'changed':
      return 'Sharing is paused: what the team asks for is not what you agreed to any more.';
    case 'ledger':
      return 'Sharing is paused: what the team has released (.handrail/releases/ledger.json) was changed, and not only added to. Ask why before you agree again.';
    case 'elsewhere':
      return 'Sharing is paused: it would go to another place than you agreed to.';
    case 'recording':
      return 'Sharing is paused, because telemetry is not on.';
  }
}

const STATUS = {
  new: 'not sent yet',
  changed: 'sent; something was added since',
  queued: 'sealed, and waits for a way out',
  sent: 'sent',
} as const;

function weekLines({ week, status, contribution: { counters, revision, token, registry } }: PreviewedWeek): string[] {
  return [
    `  ${week}, ${STATUS[status]}`,
    ...counters.map(({ counter, dims, value }) => `    ${counter} ${Object.values(dims).join(', ')}: ${value}`),
    `    revision ${revision}, token ${token ?? '(once this device is linked)'}, counters ${registry}`,
  ];
}

function sealText({ keyId, outside }: Preview): string {
  if (keyId === undefined) return 'The team names no key, so nothing can be sealed and nothing is sent.';
  return (
    `It is sealed for the key ${keyId}. Who has its private half can open it, and sees the figures of one person and week without a name; ` +
    `ask your team who that is. Outside of the seal stand ${outside.join(', ')}.`
  );
}

function wayText({ transport, to }: Pick<Preview, 'transport' | 'to'>): string {
  switch (transport?.kind) {
    case undefined:
      return 'The team names no way to send it, so nothing is sent.';
    case 'folder':
      return `It goes into the folder ${to ?? transport.path}. Who can look into it sees that a file was added, when, and mostly by whom.`;
    case 'git':
      return (
        `It goes to the git remote ${remoteText(transport.remote, to)}. Its host notes who pushed, when and from where; ` +
        'who can read the repository can count the contributions of a week. What is taken back, the host keeps until it cleans up.'
      );
    case 'otlp':
      return `It goes to the collector at ${transport.url}. Who runs it sees from which address it came, and when. It cannot be taken back.`;
  }
}

function remoteText(remote: string, to: string | undefined): string {
  return to === undefined || to === remote ? remote : `${remote}, ${to}`;
}

/** What was sent. */
export function sentText({ sent, queued, failed = [] }: SentWeeks, { automatic }: { automatic: boolean }): string {
  const lines: string[] = [];
  if (sent.length > 0) lines.push(`Sent: ${sent.join(', ')}.`);
  if (queued.length > 0) lines.push(`Sealed, and waiting on this machine: ${queued.map(({ week }) => week).join(', ')}.`);
  if (failed.length > 0) lines.push(`Not sent, since it cannot be sealed: ${failed.map(({ week }) => week).join(', ')}.`);
  if (lines.length === 0) lines.push('There is nothing to send now.');
  if (automatic)
    lines.push(
      'Further weeks leave by themselves, at a random time of the week after: in the editor, or with handrail telemetry contribute --due.',
    );
  lines.push('handrail telemetry contribute --off ends it.');
  return lines.join('\n');
}

export function withdrawnText({ removed, left, unreached, still }: Withdrawn): string {
  const lines = [
    still.length === 0
      ? 'This device shares nothing any more. If you share from others, say the same there.'
      : `This device shares nothing with this team any more. It still shares with ${still.join(', ')}: say the same in a folder of theirs.`,
  ];
  if (removed.length > 0) lines.push(`Taken back: ${removed.join(', ')}.`);
  if (left.length > 0) lines.push(`Stays: ${left.join(', ')}. It is released, or was given to a collector.`);
  if (unreached.length > 0) lines.push(`Still where it was sent: ${unreached.map(({ week }) => week).join(', ')}.`);
  return lines.join('\n');
}
