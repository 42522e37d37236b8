import { HandrailError } from '../../core/errors.ts';
import { didYouMean } from '../arguments.ts';
import { defineCommand } from '../command.ts';

const WORDS = ['init', 'yield', 'keygen', 'collect', 'release', 'report', 'what-if', 'publish'] as const;

export const command = defineCommand({
  name: 'team',
  usage:
    'init [--yes] | yield --people N --opt-in P | keygen --out FILE | collect --from PLACE --out DIR | release --in DIR --out DIR [--key FILE] [--prove] | report --in DIR --out DIR | what-if --in DIR [--automate STEP] [--drop STEP] | publish --in DIR [--postgres URL] [--otlp URL]',
  summary: "what a lead or CI does for a team's figures",
  details: [
    'init     writes .handrail/telemetry.yml and a new private key outside of the repository, and says what comes next; asks on a terminal for',
    '         what no option says, and never writes over anything. --ci prints the job that collects and releases',
    'yield    calculates what could be published if so many people shared, from made-up teams by the rule of real releases',
    'keygen   makes a key pair: writes both halves to a new file that only you can read, and prints the public one for',
    '         publicKey in .handrail/telemetry.yml',
    'collect  copies what people sent into a folder, sealed as it is; nothing is opened, and nothing deleted where it came from',
    'release  opens the contributions of a folder, and releases every window that is over: figures of groups that isolate nobody,',
    '         chained in ledger.json',
    'report   writes what releases say for people: report.html, report.md, report.json and report.csv, or the one that --format names;',
    '         of the releases of one team, or of folders of several',
    'publish  writes what was released into the tables of a database, or sends it to an OpenTelemetry collector; the same again changes',
    '         nothing',
    'what-if  simulates the workflow by how long steps waited in the releases of a folder, or of the folders in it: today, and changed.',
    '         STEP is an id or a kind of step. Exits 1 where there is not enough data',
    '',
    "Who has the key's file can open every contribution of the team. It belongs into CI's secrets or with the works council, never into",
    'the repository. Team, k, roster and window come from .handrail/telemetry.yml unless they are said here.',
  ],
  options: {
    from: { type: 'string', value: 'PLACE', summary: 'with collect: folder:PATH or git:REMOTE' },
    in: {
      type: 'string',
      value: 'DIR',
      summary: 'with release: the contributions, .json or .ndjson, folders within included; with report, what-if, publish: the releases',
    },
    out: { type: 'string', value: 'PATH', summary: 'with keygen: the new file; else the folder to write into' },
    key: { type: 'string', value: 'FILE', summary: 'with release: the file of keygen; with init: where the new key goes' },
    'public-key': { type: 'string', value: 'KEY', summary: 'with init: of a key that somebody else made' },
    transport: { type: 'string', value: 'WAY', summary: 'with init: git:REMOTE, folder:PATH or otlp:URL' },
    counters: { type: 'string', value: 'A,B', summary: 'with init, yield: what is counted, see handrail telemetry catalogue' },
    steps: {
      type: 'string',
      value: 'A,B',
      summary: 'with init, yield: ids of steps that are told apart by name; with what-if: kinds of steps, one after the other',
    },
    ci: { type: 'string', value: 'HOST', summary: 'with init: print the job for github, gitlab or sh, and write nothing' },
    people: { type: 'string', value: 'N', summary: 'with yield: people of the team' },
    'opt-in': { type: 'string', value: 'P', summary: 'with yield: how many of them share, such as 70%' },
    yes: { type: 'boolean', summary: 'with init: ask nothing' },
    prove: { type: 'boolean', summary: 'with release: writes only what withstands every attack' },
    dp: { type: 'string', value: 'WHAT', summary: 'with release: noise on every figure, as epsilon=1,budget=4 (differential privacy)' },
    'allow-plain': { type: 'boolean', summary: 'with release: takes contributions that are not sealed' },
    engine: {
      type: 'string',
      value: 'URL',
      summary: 'with release: a PostgreSQL that sums them instead, as postgres://USER@HOST/DATABASE',
    },
    team: { type: 'string', value: 'NAME', summary: 'with init, release: the team' },
    k: { type: 'string', value: 'N', summary: 'with init, yield, release: people behind every figure, 5 or more' },
    roster: { type: 'string', value: 'N', summary: 'with init, release, report: people of the team' },
    'minutes-saved': { type: 'string', value: 'LOW-HIGH', summary: 'with report: minutes that an accepted output saved, 2-15 when absent' },
    'cost-of-hour': { type: 'string', value: 'N', summary: 'with report: what an hour of work costs, 80 when absent' },
    window: { type: 'string', value: 'Nw', summary: 'with init, yield, release: weeks of a window' },
    automate: { type: 'string', multiple: true, value: 'STEP', summary: 'with what-if: a machine settles it within minutes' },
    drop: { type: 'string', multiple: true, value: 'STEP', summary: 'with what-if: it is left out' },
    shorten: { type: 'string', multiple: true, value: 'STEP:PERCENT', summary: 'with what-if: it waits so much less' },
    move: { type: 'string', multiple: true, value: 'STEP:BEFORE', summary: 'with what-if: it comes right before another' },
    beside: { type: 'string', multiple: true, value: 'STEP:OTHER', summary: 'with what-if: it begins when another begins' },
    postgres: { type: 'string', value: 'URL', summary: 'with publish: the database, as postgres://USER@HOST/DATABASE' },
    otlp: { type: 'string', value: 'URL', summary: 'with publish: the collector, https or on this machine' },
  },
  positionals: { name: 'init, yield, keygen, collect, release, report, what-if or publish', min: 1, max: 1 },
  formats: ['text', 'json', 'html', 'md', 'csv'],
  async run(context, options, [word = '']) {
    if (word === 'report') return (await import('../team/report.ts')).report(context, options);
    if (context.format !== 'text' && context.format !== 'json') {
      throw new HandrailError('usage', `handrail team ${word} has no format ${JSON.stringify(context.format)}.`, {
        hint: 'Use --format text or json.',
      });
    }
    if (word === 'init') return (await import('../team/init.ts')).init(context, options);
    if (word === 'yield') return (await import('../team/yield.ts')).teamYield(context, options);
    if (word === 'keygen') return (await import('../team/keygen.ts')).keygen(context, options.out);
    if (word === 'collect') return (await import('../team/collect.ts')).collect(context, options);
    if (word === 'release') return (await import('../team/release.ts')).release(context, options);
    if (word === 'publish') return (await import('../team/publish.ts')).publish(context, options);
    if (word === 'what-if') return (await import('../team/whatIf.ts')).teamWhatIf(context, options);
    throw new HandrailError('usage', `There is no handrail team ${JSON.stringify(word)}.`, {
      hint: didYouMean(word, WORDS) ?? `Use handrail team ${WORDS.join('|')}.`,
    });
  },
});
