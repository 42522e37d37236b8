/** docs/telemetry.md as the catalogue has it. `node scripts/telemetryDocs.mjs` writes it; a unit test fails when the page differs. */
import { BY_STEP, COUNTERS } from '../src/core/telemetry/counters.ts';
import { FORGOTTEN_AFTER } from '../src/core/telemetry/acceptedNote.ts';
import { FIELDS, RETENTION_DAYS, RETENTION_RANGE } from '../src/core/telemetry/catalogue.ts';
import { RECORDED_DIGEST, registryDigest } from '../src/core/telemetry/digest.ts';
import {
  ERROR_ATTRIBUTE,
  EVENT_NAME_ATTRIBUTE,
  EVENTS,
  GENAI_SPAN,
  METRICS,
  MODEL_ATTRIBUTES,
  SERVICE_ATTRIBUTE,
  SPANS,
} from '../src/core/usage/signals.ts';

const code = (values) => values.map((value) => `\`${value}\``).join(', ');

/** The values that a field can have, in words. */
export function valuesText(field) {
  switch (field.kind) {
    case 'version':
      return `\`${field.value}\``;
    case 'day':
      return 'a day such as `2026-11-22`';
    case 'name':
      return `a name such as \`${field.example}\``;
    case 'value':
      return code(field.values);
    case 'range':
      return `${code(field.values)}, from ${field.unit}`;
    case 'count':
      return `a whole number, 0 to ${field.clip}`;
    default:
      return `${code(field.keys)}: whole numbers, 0 to ${field.clip}`;
  }
}

export function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** What is read of a metric, an event or a span, and what it becomes. */
function signalCells(signal) {
  switch (signal.kind) {
    case 'tokens':
      return [
        'tokens',
        signal.by === undefined ? `all are ${signal.direction}` : `\`${signal.by.attribute}\`: ${code(Object.keys(signal.by.values))}`,
      ];
    case 'cost':
      return ['cost', 'its value'];
    case 'duration':
      return ['duration', 'its value'];
    case 'failure':
      return ['a failed call', code([signal.status, signal.duration])];
    case 'call':
      return [
        'a call',
        [
          ...(signal.only === undefined ? [] : [`only where \`${signal.only.attribute}\` is ${code(signal.only.values)}`]),
          code([...signal.input, ...signal.output, signal.cost, signal.duration].filter((name) => name !== undefined)),
        ].join(': '),
      ];
    default:
      return ['that it was used', 'nothing'];
  }
}

const signalRows = [
  ...Object.entries(METRICS).map(([name, signal]) => ['metric', `\`${name}\``, ...signalCells(signal)]),
  ...Object.entries(EVENTS).map(([name, signal]) => ['log event', `\`${name}\``, ...signalCells(signal)]),
  ...Object.entries(SPANS).map(([name, signal]) => ['span', `\`${name}\``, ...signalCells(signal)]),
  ['span', 'any', ...signalCells(GENAI_SPAN)],
];

/** The whole page. */
export function telemetryPage() {
  const fields = Object.entries(FIELDS).map(([name, field]) => [
    `\`${name}\``,
    field.purpose,
    valuesText(field),
    field.classification,
    field.required ? 'always' : 'where it applies',
    field.expires,
  ]);
  const counters = COUNTERS.map(({ name, purpose, unit, dims, clip, excludes, expires }) => [
    `\`${name}\``,
    purpose,
    unit,
    Object.entries(dims)
      .map(([dim, listed]) => `${dim}: ${code(listed)}`)
      .join('; '),
    clip,
    excludes.length === 0 ? '–' : code(excludes),
    expires,
  ]);
  // A counter that is told by listed steps stands for the same steps in another way.
  const partly = COUNTERS.filter(({ overlaps = [] }) => overlaps.length > 0)
    .map(({ name, overlaps = [] }) => ({ name, others: new Set(overlaps.flatMap(({ others }) => others.map(({ counter }) => counter))) }))
    .map(({ name, others }) => `- \`${name}\` beside ${code([...others, ...(others.has('steps.completed') ? [BY_STEP] : [])])}`)
    .join('\n');
  return `<!-- Written by scripts/telemetryDocs.mjs from src/core/telemetry/catalogue.ts and counters.ts. Do not edit. -->

# Telemetry

**Off until you turn it on.** Off means that nothing is recorded, started or sent: \`telemetry/\` in your own Handrail folder does not
exist, and looking for it when something was finished is all that happens. After you turned it off again, what was recorded before is there until it
expires or you delete it, and a day may be noted on which some of it was over. On means that events with the fields below are written to this machine, and
beside them only what this page says. Nothing is sent: sharing figures with a team is a second choice of yours, described in
[a team's figures](reference/team.md).

## Yours to decide

- Turn it on in the walkthrough, in the view *Telemetry*, or with \`handrail telemetry on\`; off in the same places. An agent or a machine
  is refused where it can be recognised as one.
- The editor's own setting \`telemetry.telemetryLevel\` overrules it: Handrail records only at the level \`all\`. The veto is kept beside your
  decision, so that the command line obeys it where no editor runs; terminals that are opened in the editor are told by the variable
  \`HANDRAIL_EDITOR_TELEMETRY=off\` as well, before there is any decision. \`HANDRAIL_TELEMETRY=off\` and \`DO_NOT_TRACK=1\` forbid recording too,
  and no variable can turn it on.
- Your decision is a file of yours. It does not count where it lies in a work tree, in a folder with a workflow or in a workspace folder, whatever
  \`HANDRAIL_HOME\` says, because it could have come with what you work on; nor where it belongs to another user of the machine, so nothing is recorded with
  \`sudo\` in your home. (A work tree that your whole home lies in is yours.) \`handrail telemetry status\` says so, and what to do. Whoever administers the
  machine, and every program that you run, can write what you can write, this file as well: the view and \`status\` say whether it is on, and since when.
- \`handrail telemetry show\`, or *Show everything recorded*, prints every event that has not expired.
- \`handrail telemetry off\` ends recording at once, in every window and process. What was recorded stays until it expires or you delete it.
- \`handrail telemetry purge\`, or *Delete everything*, deletes events, decision and all else in \`telemetry/\`, also where another window has a file open. The editor's
  secret for sharing goes with *Delete everything* there, what connecting added to settings of assistants with \`handrail usage disconnect\`, and what was sent to
  a team with \`handrail telemetry contribute --off\`, which has to come first.
- When a new version could record anything else than you agreed to, recording pauses until you agree again.

## Never recorded in an event

Prompts, answers, code, or hashes of them; names of files, repositories, branches, commits, models or servers, or of steps that no team lists; users, e-mail
addresses, machines, network addresses; identifiers of sessions or conversations; the text of errors; a time of day.

## How it is kept

One line of JSON an event, in \`telemetry/events/\`, one file per ISO week and process, in files that the system gives to you alone. Events are kept for
${RETENTION_DAYS} days, or as many as you choose (${RETENTION_RANGE.least} to ${RETENTION_RANGE.most}); after that they are no longer shown, and the file is deleted once the last day of its week
has expired and Handrail has looked on two days that say so. One day of a wrong clock thus deletes nothing: \`telemetry/over-since\` keeps the first of the two until
the second. What is of a day that has not come is neither shown nor counted before that day; once it has been ahead for a week (\`ahead-since\`), what is of a later week than the present
one is taken for what a wrong clock wrote, and deleted. Handrail looks when a window opens, when something ends that could be recorded, and when events are shown: where it no longer runs, or
was uninstalled, everything stays. Delete everything first, or the folder afterwards.

The own time of each file of events is set to midnight. What the operating system notes besides (when a file was made or its entry changed, and the times of folders,
agreements and contributions) is not hidden; nothing of Handrail reads it. An event that cannot be written, as when the disk is full, is lost and holds nothing up; the
command that lost it says so when it ends, and so does the _Telemetry_ view.

## What is left of it after a week

While telemetry is on, \`telemetry/accepted/\` keeps of each proposal that you accept what is needed to tell later how much of it is still
there: a hash of each added line (of a sample where there are many), of the file's path, the folder and the branch, under a random key of its own
that is kept with it, the day, and how and by which family of models it was made; no text. Whoever has such a note and a guess, a line or the name of a branch, can check it. When work in the repository begins seven days later or more, the lines that are
still there are counted, one event with \`survivalBucket\` is recorded, and the note is deleted. Renamed files are followed; a deleted one
holds nothing any more. What was not measured is deleted after ${FORGOTTEN_AFTER} days, on the second day that says so, and all of it at once when you turn telemetry off, delete everything,
or the editor's own level forbids recording. None of it is an event, and none of it is ever shared.

## Usage of other assistants

A choice of its own, under the first: \`handrail usage connect\`, or *Connect Assistants…*, shows the exact change of the assistant's own
settings, makes it once you agree, and undoes it when you ask: what you wrote stays, but for the layout around what is taken out. A file that
nobody may write is left alone. The assistant then reports to \`127.0.0.1\` on your machine, with a secret that is made for you and kept in
\`telemetry/assistants/\`, readable by you alone, and in those settings; it lets others who read them send figures, and nothing more. Web pages are
refused.

Connecting is refused where the assistant's settings, those of an administrator (Claude Code and Gemini CLI) or the environment name another place
to report to, headers, logs, traces, prompts or a file to write to, or a proxy that would get it: to make it report must not start anything else.
What is set elsewhere is not seen: in a project's own settings, in a file of variables, in another terminal, or by a server of the maker.

The port is your own as well, chosen at random. Whoever takes it while nothing of yours listens is sent what the assistant reports, with the
secret: another person on a machine with several, or another program. The table below says what that is. \`handrail usage\` and the editor tell you
when something that is not your Handrail listens there; they know it by a key in \`telemetry/assistants/\` that is sent to nobody.

Turning telemetry off ends the recording, and to connect is asked anew; the secret stays in the assistant's settings, and the assistant goes on
sending to the port, where nobody of yours listens, until \`handrail usage disconnect\` or *Connect Assistants…* takes it out. Turning off says so.

Any version of the assistants may send more than is listed here: what is listed is read, in memory, and the rest is passed over before anything
is written. That goes for prompts, answers, tools and their output, e-mail addresses, accounts, sessions, hosts and paths, wherever they stand.

${table(['kind', 'name', 'becomes', 'of which is read'], signalRows)}

Beside these: ${code([...MODEL_ATTRIBUTES])} for the family of the model, \`${ERROR_ATTRIBUTE}\` for whether a call failed, \`${SERVICE_ATTRIBUTE}\` and
\`${EVENT_NAME_ATTRIBUTE}\` for who sent what. What tells one series of a metric, or one record, from another is kept in memory as a keyed hash
until the receiver ends. Assistants tell the same tokens by several names: the one that is heard of first counts. What a cache supplied
counts as read. Calls are added up over five minutes, so that an event tells neither each call nor how many there were; the first of a day
is recorded at once, and so is a failed one.

| assistant | what connecting sets | it sends | dropped of that |
| --- | --- | --- | --- |
| Claude Code | eight variables under \`env\` in \`~/.claude/settings.json\`: metrics on, logs and traces off, session and account left out | metrics alone | \`user.id\`, \`user.email\`, \`organization.id\`, \`terminal.type\`, version and system; lines, commits, pull requests, decisions about edits, time |
| Codex | \`exporter\` and \`log_user_prompt = false\` under \`[otel]\` in \`~/.codex/config.toml\` | log events | \`user.email\`, \`user.account_id\`, \`conversation.id\`, \`terminal.type\`, version; names, arguments and output of tools |
| Gemini CLI | \`telemetry\` in \`~/.gemini/settings.json\`, \`logPrompts\` off | metrics, log events and, in later versions, spans | \`user.email\`, \`session.id\`, \`installation.id\`; names and arguments of tools, answers, servers and extensions |
| Copilot Chat | \`github.copilot.chat.otel.*\` in the editor's settings, content off; its address is kept out of Settings Sync | metrics, events and spans | conversation, session, version; address of the repository, branch, commit and path of a file; names of tools and agents |

\`handrail usage import\` reads the logs that Claude Code, Codex and Gemini CLI keep on this machine, of the days that events are kept for:
of each line the figures of tokens, the model and the day. They become one event per day and family of models. So that a call counts once,
\`telemetry/imported/\` keeps 96 bits of a hash of its identifier under a random key that lies beside it, by day, and on which days an assistant
reported itself, which are left out of an import for good. All that goes when the events of that day expire, and with *Delete everything*.
\`state/connected/\` holds the names of settings that connecting added, to undo them.

## Beside telemetry

Whether telemetry is on or off, Handrail keeps what it works with, on this machine only: findings, the record of a workflow's steps, your
answers about models, what models have shown, and in \`state/model-health/\` of your own Handrail folder when each model was called, its
name and address, how long it took, its tokens and its cost, for the figures of *Models*, \`handrail models\` and budgets. They count 30
days, and a month is deleted when none of its calls counts any more. It is never contributed to anybody, and no part of telemetry reads it;
deleting telemetry leaves it, and deleting the folder \`state/\` forgets it.

The editor keeps a log of the output channel *Handrail*, as of every extension, in its own folder of logs: lines with the time of day that say what ran and what
failed, often with a path or the words of an error, and never leave this machine by Handrail. That, too, does not depend on telemetry.

## Fields

A value that is not listed is recorded as \`other\`. A range contains its lower end and not its upper.

${table(['field', 'purpose', 'values', 'class', 'present', 'recorded until'], fields)}

\`frame\` makes a line readable, \`category\` is one of the listed values, \`measure\` is a quantity reduced to a range or clipped. Your
consent names the digest of these fields: \`${RECORDED_DIGEST}\`.

## Counters

Sums over events that a team may list in its registry, should you ever choose to share. A cell of one person and week counts up to the
clip, in whole numbers. Counters whose sums follow from one another are never both published. Of those that count partly the same
events, one is left out where the two differ by few people:

${partly}

${table(['counter', 'counts', 'unit', 'by', 'clip', 'never with', 'until'], counters)}

Digest of all counters (SHA-256 of their RFC 8785 JSON, as \`handrail telemetry catalogue --format json\` prints them):
\`${registryDigest(COUNTERS)}\`.
`;
}
