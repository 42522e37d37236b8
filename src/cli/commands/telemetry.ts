import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { ASSISTANT_NAMES } from '../../core/usage/connection.ts';
import { COUNTERS } from '../../core/telemetry/counters.ts';
import { FIELDS, isRetention, RETENTION_RANGE } from '../../core/telemetry/catalogue.ts';
import { RECORDED_DIGEST, registryDigest, registryEntries } from '../../core/telemetry/digest.ts';
import type { TelemetryStore } from '../../node/telemetry/consentStore.ts';
import type { RecordedEvents } from '../../node/telemetry/eventStore.ts';
import { didYouMean } from '../arguments.ts';
import { defineCommand, type Answer, type Context } from '../command.ts';
import { requirePerson, requireTerminal } from '../personsChoice.ts';
import { contribute, link, preview, type Asking, type SharingOptions } from '../telemetrySharing.ts';
import { catalogueText, explanation, showText, statusText, type TelemetryStatus } from '../text/telemetry.ts';

const WORDS = ['status', 'on', 'off', 'show', 'catalogue', 'preview', 'contribute', 'link', 'purge'] as const;
type Word = (typeof WORDS)[number];

interface Options extends SharingOptions {
  days: string | undefined;
}

/** Options that mean something with one or two of the words only. */
const OPTIONS_OF: Readonly<Record<Exclude<keyof Options, 'yes'>, readonly Word[]>> = {
  days: ['on'],
  automatic: ['contribute'],
  assistants: ['preview', 'contribute'],
  due: ['contribute'],
  off: ['contribute'],
  for: ['link'],
  answer: ['link'],
};

export const command = defineCommand({
  name: 'telemetry',
  usage: '[status|on|off|show|catalogue|preview|contribute|link|purge] [--yes] [OPTIONS]',
  summary: 'what is recorded about your work on this machine, and what you share of it',
  details: [
    'status      whether events are recorded, since when, how many there are (the default)',
    'on          says what would be recorded and asks; from then on events are recorded on this machine, and nothing is sent',
    'off         ends recording; what was recorded stays until it expires or you delete it',
    'show        prints every recorded event',
    'catalogue   prints everything that could ever be recorded, and the counters that a team could ask for',
    'preview     prints what would be shared with the team of this folder, who can open it and what the way shows; sends nothing',
    'contribute  shows the preview, asks, and sends the weeks that are over, sealed; before that nothing is shared',
    'link        makes this device the first that you share from, or one of several that count as one person',
    'purge       deletes everything recorded, what waits to be sent, and every consent with it',
    '',
    'A team asks for figures by .handrail/telemetry.yml. Sharing pauses whenever that file changes, or where it leads, until you agree again.',
    'An agent or a machine that can be recognised can neither turn it on nor share. HANDRAIL_TELEMETRY=off or DO_NOT_TRACK=1 forbids it, and so does the',
    'telemetry setting of the editor.',
  ],
  options: {
    yes: { type: 'boolean', summary: 'the answer to what would be asked (on, contribute, link, purge)' },
    days: { type: 'string', value: 'N', summary: 'with on: keep events for so many days (1 to 365, default 90)' },
    automatic: { type: 'boolean', summary: 'with contribute: weeks leave by themselves, at a random time of the week after' },
    assistants: { type: 'boolean', summary: 'with contribute, preview: add usage of other assistants that belongs to no team' },
    due: { type: 'boolean', summary: 'with contribute: send what leaves by itself now; asks nothing, for a scheduler' },
    off: { type: 'boolean', summary: 'with contribute: share nothing more from this device, and take back what is not yet released' },
    for: { type: 'string', value: 'REQUEST', summary: 'with link, on a linked device: answer what another device printed' },
    answer: { type: 'string', value: 'ANSWER', summary: 'with link: take the answer of a linked device' },
  },
  positionals: { name: 'status, on, off, show, catalogue, preview, contribute, link or purge', min: 0, max: 1 },
  formats: ['text', 'json'],
  async run(context, options, [word = 'status']) {
    const known = WORDS.find((one) => one === word);
    if (known === undefined) {
      throw new HandrailError('usage', `There is no handrail telemetry ${JSON.stringify(word)}.`, {
        hint: didYouMean(word, WORDS) ?? `Use handrail telemetry ${WORDS.join('|')}.`,
      });
    }
    for (const [name, words] of Object.entries(OPTIONS_OF)) {
      const value = options[name as keyof typeof OPTIONS_OF];
      if (value === undefined || value === false || words.includes(known)) continue;
      throw new HandrailError('usage', `--${name} has no meaning with handrail telemetry ${known}.`, {
        hint: `Use it with handrail telemetry ${words[0]}.`,
      });
    }
    return ACTIONS[known](context, await context.services.telemetry(), options);
  },
});

const ACTIONS: Readonly<Record<Word, (context: Context, store: TelemetryStore, options: Options) => Promise<Answer>>> = {
  status: async (context, store) => reportStatus(context, store),
  on: turnOn,
  async off(context, store) {
    await store.turnOff();
    if (await isSent(store)) context.terminal.note(SENT);
    await tellStillSending(context);
    return reportStatus(context, store);
  },
  async show({ terminal, format }, store) {
    const recorded = store.events();
    if (format === 'json') terminal.document(recorded);
    else terminal.line(showText(recorded));
    return 0;
  },
  async catalogue({ terminal, format }) {
    const fields = Object.entries(FIELDS).map(([name, field]) => ({ name, ...field }));
    const digest = registryDigest(COUNTERS);
    if (format === 'json') terminal.document({ counters: registryEntries(COUNTERS), digest, fields, recorded: RECORDED_DIGEST });
    else terminal.line(catalogueText(digest));
    return 0;
  },
  preview: async (context, _store, options) => preview(context, options),
  contribute: async (context, _store, options) => contribute(context, options, askingIn(context)),
  link: async (context, _store, options) => link(context, options, askingIn(context)),
  purge,
};

function askingIn(context: Context): Asking {
  return {
    refuseActor: () => requirePerson(context, (who) => `Nothing is shared: ${who} cannot say so.`),
    confirm(question, said) {
      requireTerminal(context, said);
      return context.terminal.confirm(question, context.signal);
    },
  };
}

async function reportStatus({ terminal, format, services }: Context, store: TelemetryStore): Promise<Answer> {
  const sharing = await sharingIn(store, services);
  const status: TelemetryStatus = {
    ...store.state(),
    folder: store.folder,
    days: store.retention(),
    ...countsOf(store.events()),
    ...(sharing.length === 0 ? {} : { sharing }),
  };
  if (format === 'json') terminal.document(status);
  else terminal.line(statusText(status));
  return 0;
}

/** Only where something was decided: looking for it loads more than a status needs. */
async function sharingIn(store: TelemetryStore, services: Context['services']): Promise<NonNullable<TelemetryStatus['sharing']>> {
  if (!existsSync(join(store.folder, 'sharing'))) return [];
  return (await services.contributor()).agreements().map(({ team, day, automatic }) => ({ team, since: day, automatic }));
}

function countsOf({ events, torn, foreign }: RecordedEvents): Pick<TelemetryStatus, 'events' | 'torn' | 'foreign'> {
  return { events: events.length, torn, foreign };
}

function daysOf(text: string): number {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (isRetention(days)) return days;
  throw new HandrailError(
    'usage',
    `--days ${JSON.stringify(text)} is no number of days from ${RETENTION_RANGE.least} to ${RETENTION_RANGE.most}.`,
    {
      hint: 'For example --days 30.',
    },
  );
}

async function turnOn(context: Context, store: TelemetryStore, { yes, days }: Options): Promise<Answer> {
  const { terminal, signal, format } = context;
  requirePerson(context, (who) => `Telemetry stays off: ${who} cannot turn it on.`);
  const wanted = days === undefined ? {} : { days: daysOf(days) };
  const state = store.state();
  if (state.recording && days === undefined) return reportStatus(context, store);
  const changed = state.recording ? undefined : state.changed;
  // Nobody answers a question whose answer cannot count.
  store.requireAllowed();
  if (format === 'text')
    terminal.line(
      explanation({ folder: store.folder, days: wanted.days ?? store.retention(), ...(changed === undefined ? {} : { changed }) }),
    );
  if (!yes) {
    requireTerminal(context, 'handrail telemetry on --yes');
    if (!(await terminal.confirm('Record this from now on?', signal))) {
      terminal.note('Telemetry stays off.');
      return 1;
    }
  }
  await store.turnOn(wanted);
  return reportStatus(context, store);
}

async function purge(context: Context, store: TelemetryStore, { yes }: Options): Promise<Answer> {
  const { terminal, signal, format } = context;
  // Before the question: afterwards nobody knows any more where it is.
  const sent = await isSent(store);
  if (sent && !yes) terminal.note(`${SENT} Once everything is deleted, it cannot be.`);
  if (!yes) {
    requireTerminal(context, 'handrail telemetry purge --yes');
    if (!(await terminal.confirm(`Delete everything recorded in ${store.folder}, and turn telemetry off?`, signal))) {
      terminal.note('Nothing was deleted.');
      return 1;
    }
  }
  store.deleteEverything();
  if (format === 'json') terminal.document({ deleted: true });
  else
    terminal.line(
      "Everything recorded is deleted, and telemetry is off. The editor's own secret for sharing goes with Delete Everything there.",
    );
  if (sent && yes) terminal.note('What was sent to a team stays there, and cannot be taken back from this device any more.');
  await tellStillSending(context);
  return 0;
}

const SENT = 'What was sent to a team is still there. Before it is released it can be taken back: handrail telemetry contribute --off.';

/** Whether anything was sent that this device remembers. */
async function isSent({ folder }: TelemetryStore): Promise<boolean> {
  const { hasSent } = await import('../../node/team/contributionNames.ts');
  return hasSent(join(folder, 'contributions'));
}

/** Assistants whose settings still make them report to this machine, where nobody of the person's listens now. */
async function tellStillSending({ services, terminal }: Context): Promise<void> {
  const { connecting } = await services.usage();
  for (const assistant of await connecting.leftovers()) {
    terminal.note(
      `${ASSISTANT_NAMES[assistant]} still reports to this machine, where nobody listens any more. Undo it: handrail usage disconnect ${assistant}`,
    );
  }
}
