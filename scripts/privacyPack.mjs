/** docs/privacy-pack.md: what a works council, a data protection officer or a sceptical colleague asks, answered from the sources. */
import { FORGOTTEN_AFTER } from '../src/core/telemetry/acceptedNote.ts';
import { FIELDS, RETENTION_DAYS, RETENTION_RANGE } from '../src/core/telemetry/catalogue.ts';
import { RECORDED_DIGEST } from '../src/core/telemetry/digest.ts';
import { LEAST_K } from '../src/core/team/teamFile.ts';
import { bodySchema } from '../src/core/workflow/evidenceGrammar.ts';
import { table, valuesText } from './telemetryPage.mjs';

/** What each field of an evidence record says of a person. A field that is not listed here fails the generation. */
const EVIDENCE = {
  schema: ['the format', 'nothing'],
  run: ['the branch: a slug of its name and six digits of its digest', 'what the branch is called, which may be a name'],
  step: ['id of the step', 'nothing'],
  stepDigest: ['digest of what the step demands', 'nothing'],
  workflowDigest: ['digest of the workflow', 'nothing'],
  changeDigest: ['digest of the part of the change that the record is about', 'nothing'],
  actor: ['`human`, `agent` or `machine`', 'that a person did it, not which'],
  provider: ['model, built-in reviewer or assistant', 'nothing'],
  model: ['name of the model in models.yml', 'nothing'],
  modelId: ['name that the endpoint gives the model', 'nothing'],
  alsoAnswered: ['further models that answered a part', 'nothing'],
  scoredBy: ['the model that judged the findings', 'nothing'],
  promptDigest: ['digest of the prompt', 'nothing'],
  cacheKey: ['digest of all that decided the answers', 'nothing'],
  result: [
    'how it ended: exit code, counts of findings and files by severity and coverage, or why and until when it is skipped',
    'the reason of a skipped step is free text by whoever skipped it',
  ],
  previous: ['digest of the record before', 'nothing'],
  time: ['when, in milliseconds; **only in records that are not committed**', 'when somebody worked, on their own machine'],
};

function evidenceRows() {
  return Object.keys(bodySchema.shape).map((name) => {
    const row = EVIDENCE[name];
    if (row === undefined) throw new Error(`scripts/privacyPack.mjs does not say what ${name} of an evidence record says of a person`);
    return [`\`${name}\``, ...row];
  });
}

function retentionRows() {
  return [
    [
      'events',
      '`telemetry/events/` of the person',
      `shown, counted and shared for ${RETENTION_DAYS} days, or ${RETENTION_RANGE.least} to ${RETENTION_RANGE.most} as the person chooses; the file of a week is deleted when the last of its days is over and Handrail has run on two days that say so`,
    ],
    [
      'notes on accepted proposals, to measure what is left of them: keyed hashes of lines, of the path, the folder and the branch, **with the key beside them**, the day, the kind and family of the model',
      '`telemetry/accepted/` of the person',
      `until work in that repository begins again after 7 days; else ${FORGOTTEN_AFTER} days and until Handrail has run on two days after that; gone when telemetry is turned off`,
    ],
    [
      'a day on which something was over, or ahead of the clock',
      '`telemetry/over-since`, `telemetry/ahead-since` of the person',
      'until another day says the same or the opposite',
    ],
    [
      'what was agreed to share, and weeks that were contributed',
      '`telemetry/sharing/`, `telemetry/contributions/` of the person',
      'until sharing ends; the note of a week as long as its events, and of one that was sent until its window can be released, since it takes the note to take it back',
    ],
    [
      'the secret that makes several devices one person; while a device asks to be linked, the private half of its request',
      'the editor’s secret storage, or `telemetry/secret` of the person for the command line; `telemetry/link-request.json`',
      'until everything is deleted, in the editor for the editor’s; until the answer',
    ],
    [
      'which assistants are connected since when, the secret they send with, and a key by which Handrail knows its own receiver',
      '`telemetry/assistants/` of the person',
      'until they are disconnected, or telemetry is turned off',
    ],
    [
      'the same secret, and where to send',
      'the settings of each connected assistant',
      'until `handrail usage disconnect` or *Connect Assistants…* takes them out: turning telemetry off does not, and until then the assistant goes on sending to a port of this machine where Handrail no longer listens',
    ],
    [
      'keyed hashes by which imported calls are known again, with the key, and days that an assistant reported itself',
      '`telemetry/imported/` of the person',
      'as long as the events of the day',
    ],
    ['the decision', '`telemetry/consent.json` of the person', 'until everything is deleted; a day, no time'],
    [
      '**what was sent**: sealed sums of one person and week',
      'the team’s folder, references of its git remote, or its collector; and where `handrail team collect` copied them to',
      'until somebody deletes them: Handrail deletes none after a release. Until then **whoever gets the private key, then or later, can open all of them**. So the team has to agree on who deletes them once a window is released, in both places, and on what becomes of the key',
    ],
    ['releases', 'where the team puts them, such as `.handrail/releases/`', 'as long as the team keeps them'],
    [
      'figures of model calls',
      '`state/model-health/` of the person',
      'they count for 30 days; the file of a month is deleted when none of its calls counts any more and a model is called; deleted with the folder `state/`',
    ],
    [
      'the log of the editor’s channel *Handrail*: what ran and what failed, with time and often with paths or the words of an error',
      'the editor’s own folder of logs, on that machine',
      'as long as the editor keeps its logs; whether telemetry is on or off',
    ],
    [
      'findings, dismissals and records of a run',
      'the git folder of the repository, on that machine',
      'as long as the repository; deleted with its folder `handrail/`',
    ],
    ['tracked evidence', 'commits of the repository', 'as long as the history of the repository'],
  ];
}

function accessRows() {
  return [
    [
      'events, notes, decisions, secret',
      'the person, and the programs they run; whoever administers the machine',
      'nothing, beyond what the person shares',
    ],
    [
      'what a connected assistant sends to its port',
      'Handrail, while it listens; **whoever takes the port while it does not**, another person on a machine with several or another program',
      'what the assistant tells of itself: with some of them e-mail address and account. [The list](telemetry.md#usage-of-other-assistants)',
    ],
    [
      'a contribution, where somebody shares',
      'who has the private half of the team’s key, or a copy that whoever made it kept: sums of one person and week, without a name',
      'what the way shows: that one was sent, when, and mostly by whom. Who has the key and sees that as well can tell whose the sums are',
    ],
    [
      'a release',
      'whoever the team gives it to',
      `figures of groups of at least ${LEAST_K} people by the rule below, and how many took part as a band`,
    ],
    ['figures of model calls, logs of the editor', 'the person, and the programs they run; whoever administers the machine', 'nothing'],
    [
      'evidence that is not committed',
      'the person; whoever administers the machine',
      'a counted summary, when the person puts it into a pull request',
    ],
    [
      'tracked evidence',
      'everyone who can read the repository',
      'that a step was done by a person, agent or machine; git says who committed it, and when',
    ],
    ['approvals by signature', 'everyone who can read the repository', 'who approved what: an approval is meant to be somebody’s'],
    [
      'code and prompts of a review',
      'the model’s operator that the person or the team chose',
      'what is in it; secrets are replaced before',
    ],
  ];
}

/** The whole page. */
export function privacyPack() {
  const fields = Object.entries(FIELDS).map(([name, field]) => [
    `\`${name}\``,
    field.purpose,
    valuesText(field),
    field.classification,
    field.expires,
  ]);
  return `<!-- Written by scripts/telemetryDocs.mjs from the catalogue and the grammar of evidence. Do not edit. -->

# Privacy pack

For works councils, data protection officers and colleagues who would rather know. It describes what this version of Handrail does. Its tables of
fields are made from the sources that record and commit them, and a test fails when they differ. It is no legal advice.

## In five sentences

Handrail shows a team its own checklist, and lets AI write and review as steps of it. Telemetry is off until a person turns it on, and off
means that nothing is recorded, received or sent. Turned on, it writes lines with the ${Object.keys(FIELDS).length} fields below to files that are that person's
own, and beside them what [the list below](#how-long-it-is-kept) says. Nobody else gets any of it, unless the person chooses to share weekly figures with a team: sums, sealed for one key, previewed in full
and [described here](reference/team.md). What a team commits as evidence is a decision of its own, described below, and is
not anonymous.

## Decisions, and whose they are

| decision | who decides | usual state | undone by |
| --- | --- | --- | --- |
| record events on my machine | the person. An agent or a script of CI is refused where it can be recognised as one. A decision in a work tree, in a workspace, or in files of another user of the machine does not count | off | *Turn Off*, \`handrail telemetry off\`; *Delete Everything*, \`handrail telemetry purge\` |
| forbid recording | the employer or administrator, by \`telemetry.telemetryLevel\`, \`HANDRAIL_TELEMETRY=off\` or \`DO_NOT_TRACK\` | allowed | the same |
| force recording | nobody by a setting, a variable, a policy or a file of the repository. Whoever administers the machine, or runs programs as the person, can write what the person could, the decision as well | off | the same as above; \`handrail telemetry status\` and the view say that it is on, and since which day |
| take usage of other assistants along | the person, one assistant after the other, with the exact change of its settings shown | not connected | *Connect Assistants…*, \`handrail usage disconnect\` |
| share weekly figures with a team | the person, after the team's file asks for them; refused and said yes to as above | not shared | \`handrail telemetry contribute --off\` |
| force anybody to share | nobody, with the same exception; refusing looks like a week without work | not shared | the same as above |
| see who shares | nobody, from releases; whoever runs the folder, git server or collector can count who sends at all | as the way shows | – |
| commit evidence | the team, by \`evidence: tracked\` in a workflow, **and** the person, who is asked once | not committed | \`handrail status --share-evidence no\`, or the answer in the view |
| send code to a model | the person, once a workspace and origin | not sent | the *Models* view, *Choose Model* |

Nobody is asked unless they choose it: the walkthrough and the view *Telemetry* offer to turn it on, and whoever leaves that alone misses no
function of Handrail but the figures of telemetry itself. When the catalogue changes, recording pauses, and the view says so.

Three limits of all this. What is decided about is a file of the person's own, so **whoever can write as the person can decide as them**: an
administrator, and every program that the person runs. It counts for the user who owns it alone: with \`sudo\` in somebody's home nothing is recorded or
sent, and root cannot turn it on there. And what was agreed to on one linked device is ended on that device only: whoever shares from several ends it on each.

## What is recorded, and what for

${table(['field', 'purpose', 'values', 'class', 'recorded until'], fields)}

The consent names the digest of this table: \`${RECORDED_DIGEST}\`. When a version could record anything else, recording pauses until the person
agrees again. A field that has passed its last day is no longer recorded. A value that is not listed becomes \`other\`; a field that is not
listed cannot be written by the program, and a line with one is refused when it is read.

**Never in an event, and in no contribution**: prompts, answers, code, or hashes of them; names of files, repositories, branches, commits, models or servers, or of steps that no team lists; users,
e-mail addresses, machines, network addresses; identifiers of sessions or conversations; the text of errors; a time of day.

**Kept beside the events, on the person's machine alone**, to count a week later what is left of an accepted proposal: hashes of its added lines, of the
path, the folder and the branch, under a random key that lies beside them. They cannot be read; but whoever has the note and a guess (a line, the name
of a branch) can check it. The same goes for identifiers of imported calls. Neither is ever sent.

## How long it is kept

${table(['what', 'where', 'how long'], retentionRows())}

It is Handrail that deletes what is over: when a window of the editor opens, when something ends that could be recorded, and when events are shown. One day of
a wrong clock deletes nothing; a second day has to say the same. So about a week more than the days that are chosen is on the disk, and **where Handrail is no longer run, or was uninstalled, everything stays as it was**: delete everything first, or the folder afterwards
(\`folder\` in \`handrail telemetry status --format json\`).

A day is all that these files say. What the operating system keeps of them is more: their own times are set to a midnight (events, notes, imports) or to
a random time of the day (the decision), but those of folders, agreements, contributions and connections may tell whoever looks at that disk at what time something
was last decided, sent or recorded, and so may backups.

## Who can open what

${table(['what', 'who has it', 'what others get to know'], accessRows())}

## Thresholds of what a team publishes

A team may set k to \`${LEAST_K}\` or more; less is refused. In a release, every figure is of a group in which at least k people are in one week, nobody
can have more than half of what is counted, and two together not nearly all. What is rarer is published together as \`other\`, or not at all. Groups never overlap, so that
no difference of figures, in one release or several, tells of fewer people. How many people took part is told as a band about as wide as k. Nothing is
finer than the window of whole weeks, and nothing is changed afterwards. The rule, its limits, and the attacks that each release is put to are in
[A team's figures](reference/team.md#releasing). A team may release with noise instead (\`--dp\`): then differential privacy is promised, with the parameters that are
in each release, and k does not apply. Not protected: anybody, from whoever holds the private key; and somebody, from a reader who knows what all the others did.

## Tracked evidence

With \`evidence: tracked\` a workflow asks that records of its steps are committed, so that CI can check them. That is no telemetry and has no
threshold: the commit that carries a record has an author and a date, as every commit has. A record holds:

${table(['field', 'what it is', 'what it says of a person'], evidenceRows())}

What to agree on before a team switches it on: that evidence proves steps of a change and is not evaluated by person; who may read it beyond
the repository; and that \`evidence: local\`, the usual value, commits nothing. The reason of a skipped step and the name of a branch are
words of people: say so in the team.

## Legal notes

- **Legal basis.** For the events, the person's consent (GDPR Art. 6(1)(a) and 7): given by an action, for one purpose, withdrawn as easily as
  given. Consent in employment has to be free of pressure (Art. 7(4), recital 43): nobody may be asked why they refused, and no figure shows it. Sharing is a consent of its own, for one team and one
  version of its file.
- **Minimisation and storage.** Days instead of times, ranges instead of numbers, families instead of models (Art. 5(1)(c)); the periods above
  (Art. 5(1)(e)); off by default (Art. 25).
- **Rights.** Access and portability: \`handrail telemetry show --format json\` (Art. 15, 20). Erasure: \`handrail telemetry purge\` (Art. 17). They are
  carried out by the person on their own machine, at once, for what is there. What was contributed is taken back by
  \`handrail telemetry contribute --off\` until the team's ledger says that its sums are released, from a folder or a git remote, and on each device that
  shared it; say it before purging, since that forgets where it is. A collector keeps what it was given; a git host keeps the sealed content until it cleans
  up; whoever collected it before has their copy. For these, and for what is not deleted after a release, the team answers.
- **Co-determination.** Where technical systems are suited to monitor behaviour or performance, their introduction usually needs an agreement (in
  Germany § 87(1) no. 6 BetrVG). What is written only to a person's own file is not evaluated by anybody; shared figures, tracked evidence and the hosts' own
  data (git, reviews) are the parts to agree on: above all who has the team's private key.
- **Models.** Whoever operates a model that code is sent to is a recipient of its own. Handrail names it before the first code goes there.

## How to check it

1. \`handrail telemetry catalogue --format json\` prints the same table with its digest.
2. Where telemetry was never on, or after *Delete Everything*, the folder that \`handrail telemetry status --format json\` names does not exist. After
   turning it off it holds what was recorded before, until that is over.
3. \`handrail telemetry preview\` prints what sharing would send, from the code that sends it, and sends nothing.
4. \`handrail telemetry show\` prints every event that is not over. The files are plain text, one for each week and process: read them themselves. They may
   hold events of that week that are over already, and such of days that have not come, by a clock that was wrong.
5. The tests that hold what is promised of the program (what an operating system, a host or a team does is theirs): \`test/unit/telemetry/\`, and \`test/contract/telemetry*.test.ts\`, one of which works with marked names, code and
   secrets and then looks for them, in several encodings, in everything that was written.
`;
}
