import { HandrailError } from '../../core/errors.ts';
import { COUNTERS } from '../../core/telemetry/counters.ts';
import { FIELDS, isRetention, RETENTION_RANGE } from '../../core/telemetry/catalogue.ts';
import { RECORDED_DIGEST, registryDigest, registryEntries } from '../../core/telemetry/digest.ts';
import { declaredActor } from '../../node/actor.ts';
import type { TelemetryStore } from '../../node/telemetry/consentStore.ts';
import type { RecordedEvents } from '../../node/telemetry/eventStore.ts';
import { didYouMean } from '../arguments.ts';
import { defineCommand, type Answer, type Context } from '../command.ts';
import { catalogueText, explanation, showText, statusText, type TelemetryStatus } from '../text/telemetry.ts';

const WORDS = ['status', 'on', 'off', 'show', 'catalogue', 'purge'] as const;
type Word = (typeof WORDS)[number];

interface Options {
  yes: boolean;
  days: string | undefined;
}

export const command = defineCommand({
  name: 'telemetry',
  usage: '[status|on|off|show|catalogue|purge] [--yes] [--days N]',
  summary: 'what is recorded about your work on this machine',
  details: [
    'status     whether events are recorded, since when, how many there are (the default)',
    'on         says what would be recorded and asks; from then on events are recorded on this machine, and nothing is sent',
    'off        ends recording; what was recorded stays until it expires or you delete it',
    'show       prints every recorded event',
    'catalogue  prints everything that could ever be recorded, and the counters that a team could ask for',
    'purge      deletes everything recorded, and the consent with it',
    '',
    'An agent or a machine cannot turn it on. HANDRAIL_TELEMETRY=off or DO_NOT_TRACK=1 forbids it, and so does the telemetry setting',
    'of the editor.',
  ],
  options: {
    yes: { type: 'boolean', summary: 'the answer to what would be asked (on, purge)' },
    days: { type: 'string', value: 'N', summary: 'with on: keep events for so many days (1 to 365, default 90)' },
  },
  positionals: { name: 'status, on, off, show, catalogue or purge', min: 0, max: 1 },
  formats: ['text', 'json'],
  async run(context, options, [word = 'status']) {
    const known = WORDS.find((one) => one === word);
    if (known === undefined) {
      throw new HandrailError('usage', `There is no handrail telemetry ${JSON.stringify(word)}.`, {
        hint: didYouMean(word, WORDS) ?? `Use handrail telemetry ${WORDS.join('|')}.`,
      });
    }
    if (options.days !== undefined && known !== 'on') {
      throw new HandrailError('usage', `--days has no meaning with handrail telemetry ${known}.`, {
        hint: 'Use it with handrail telemetry on.',
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
  purge,
};

async function reportStatus({ terminal, format }: Context, store: TelemetryStore): Promise<Answer> {
  const status: TelemetryStatus = {
    ...store.state(),
    folder: store.folder,
    days: store.retention(),
    ...countsOf(store.events()),
  };
  if (format === 'json') terminal.document(status);
  else terminal.line(statusText(status));
  return 0;
}

function countsOf({ events, torn, foreign }: RecordedEvents): Pick<TelemetryStatus, 'events' | 'torn' | 'foreign'> {
  return { events: events.length, torn, foreign };
}

/** Consent is a person's. A script of theirs may carry it with `--yes`; who acts in their place cannot give it. */
function refuseActor({ env, actor, terminal }: Context): void {
  const declared = terminal.interactive && actor === 'human' ? undefined : declaredActor(env);
  if (declared === undefined) return;
  throw new HandrailError('usage', `Telemetry stays off: ${declared === 'agent' ? 'an agent' : 'a machine'} cannot turn it on.`, {
    hint: 'A person does it, in the editor or on a terminal.',
  });
}

function requireTerminal({ terminal }: Context, said: string): void {
  if (terminal.interactive) return;
  throw new HandrailError('usage', 'This asks a question, and there is no terminal to ask on.', { hint: `Say it with ${said}.` });
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
  refuseActor(context);
  const wanted = days === undefined ? {} : { days: daysOf(days) };
  if (store.state().recording && days === undefined) return reportStatus(context, store);
  // Nobody answers a question whose answer cannot count.
  store.requireAllowed();
  if (format === 'text') terminal.line(explanation({ folder: store.folder, days: wanted.days ?? store.retention() }));
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
  if (!yes) {
    requireTerminal(context, 'handrail telemetry purge --yes');
    if (!(await terminal.confirm(`Delete everything recorded in ${store.folder}, and turn telemetry off?`, signal))) {
      terminal.note('Nothing was deleted.');
      return 1;
    }
  }
  store.deleteEverything();
  if (format === 'json') terminal.document({ deleted: true });
  else terminal.line('Everything recorded is deleted, and telemetry is off.');
  return 0;
}
