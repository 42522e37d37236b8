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
    .map(({ name, overlaps = [] }) => {
      const others = new Set(overlaps.flatMap((one) => one.others.map(({ counter }) => counter)));
      return `- \`${name}\` beside ${code([...others, ...(others.has('steps.completed') ? [BY_STEP] : [])])}`;
    })
    .join('\n');
  return `<!-- Written by scripts/telemetryDocs.mjs from src/core/telemetry/catalogue.ts and counters.ts. Do not edit. -->

# Telemetry

**Off until you turn it on.** Off means that nothing is written, started or sent: \`telemetry/\` in your own Handrail folder does not
exist, and looking for it when something was finished is all that happens. On means that events with the fields below, and nothing else,
are written to this machine. Nothing is sent: sharing figures with a team is a second choice of yours, described in
[a team's figures](reference/team.md).

## Yours to decide

- Turn it on in the walkthrough, in the view *Telemetry*, or with \`handrail telemetry on\`; off in the same places. An agent or a machine
  cannot turn it on.
- The editor's own setting \`telemetry.telemetryLevel\` overrules it: Handrail records only at the level \`all\`. The veto is kept beside your
  decision, so that the command line obeys it where no editor runs; terminals that are opened in the editor are told by the variable
  \`HANDRAIL_EDITOR_TELEMETRY=off\` as well, before there is any decision. \`HANDRAIL_TELEMETRY=off\` and \`DO_NOT_TRACK=1\` forbid recording too;
  nothing in the environment can turn it on.
- \`handrail telemetry show\`, or *Show everything recorded*, prints every event.
- \`handrail telemetry off\` ends recording at once, in every window and process. What was recorded stays until it expires or you delete it.
- \`handrail telemetry purge\`, or *Delete everything*, deletes events, decision and all else that telemetry keeps, also where another window has a file open.
- When a new version could record anything else than you agreed to, recording pauses until you agree again.

## Never recorded in an event

Prompts, answers, code, or hashes of them; names of files, repositories, branches, commits, models or servers, or of steps that no team lists; users, e-mail
addresses, machines, network addresses; identifiers of sessions or conversations; the text of errors; a time of day.

## How it is kept

One line of JSON an event, in \`telemetry/events/\`, one file per ISO week and process, readable by you alone. Events are kept for
${RETENTION_DAYS} days, or as many as you choose (${RETENTION_RANGE.least} to ${RETENTION_RANGE.most}); after that they are no longer shown, and the file is deleted once the last day of its week
has expired. Each file's own time is set to midnight. What the operating system notes besides (when a file was made or its entry changed)
is beyond our reach; nothing of Handrail reads it. An event that cannot be written, as when the disk is full, is lost and holds nothing up; the
command that lost it says so when it ends, and so does the _Telemetry_ view.

## What is left of it after a week

While telemetry is on, \`telemetry/accepted/\` keeps of each proposal that you accept what is needed to tell later how much of it is still
there: a hash of each added line (of a sample where there are many), of the file's path, the folder and the branch, under a random key of its own
that is kept with it, the day, and how and by which family of models it was made; no text. When work in the repository begins seven days later or more, the lines that are
still there are counted, one event with \`survivalBucket\` is recorded, and the note is deleted. Renamed files are followed; a deleted one
holds nothing any more. What was not measured is deleted after ${FORGOTTEN_AFTER} days, and all of it at once when you turn telemetry off, delete everything,
or the editor's own level forbids recording. None of it is an event, and none of it is ever shared.

## Usage of other assistants

A choice of its own, under the first: \`handrail usage connect\`, or *Connect Assistants…*, shows the exact change of the assistant's own
settings, makes it once you agree, and undoes it when you ask. The assistant then reports to \`127.0.0.1\` on your machine, with a secret
that is made for you and kept in \`telemetry/assistants/\`, readable by you alone, and in those settings; it lets others who read them send
figures, and nothing more. Web pages are refused. The port is your own as well, chosen at random: where several people work on one machine, one of
them who takes it while nothing of yours listens would be sent what the assistant reports. Turning telemetry off ends it,
and to connect is asked anew. Any version of the assistants may send more than is listed here: what is listed is read, in memory, and the
rest is passed over before anything is written. That goes for prompts, answers, tools and their output, e-mail addresses, accounts,
sessions, hosts and paths, wherever they stand.

${table(['kind', 'name', 'becomes', 'of which is read'], signalRows)}

Beside these: ${code([...MODEL_ATTRIBUTES])} for the family of the model, \`${ERROR_ATTRIBUTE}\` for whether a call failed, \`${SERVICE_ATTRIBUTE}\` and
\`${EVENT_NAME_ATTRIBUTE}\` for who sent what. What tells one series of a metric, or one record, from another is kept in memory as a keyed hash
until the receiver ends. Assistants tell the same tokens by several names: the one that is heard of first counts. What a cache supplied
counts as read. Calls are added up over five minutes, so that an event tells neither each call nor how many there were; the first of a day
is recorded at once, and so is a failed one.

| assistant | what connecting sets | it sends |
| --- | --- | --- |
| Claude Code | seven variables under \`env\` in \`~/.claude/settings.json\` | metrics alone, without session and account |
| Codex | \`exporter\` and \`log_user_prompt = false\` under \`[otel]\` in \`~/.codex/config.toml\` | log events; dropped of them: results of tools, e-mail address, account, conversation |
| Gemini CLI | \`telemetry\` in \`~/.gemini/settings.json\`, \`logPrompts\` off | metrics and log events; dropped of them: answers, arguments of tools, e-mail address, session |
| Copilot Chat | \`github.copilot.chat.otel.*\` in the editor's settings, content off; its address is kept out of Settings Sync | metrics, events and spans; dropped of them: names of tools, conversation, session |

\`handrail usage import\` reads the logs that Claude Code, Codex and Gemini CLI keep on this machine, of the days that events are kept for:
of each line the figures of tokens, the model and the day. They become one event per day and family of models. So that a call counts once,
\`telemetry/imported/\` keeps 96 bits of a hash of its identifier under a random key that lies beside it, by day; they go when the day
expires, and all of them with *Delete everything*. \`state/connected/\` holds the names of settings that connecting added, to undo them.

## Beside telemetry

Whether telemetry is on or off, Handrail keeps what it works with, on this machine only: findings, the record of a workflow's steps, your
answers about models, what models have shown, and in \`state/model-health/\` of your own Handrail folder when each model was called, its
name and address, how long it took, its tokens and its cost, for the figures of *Models*, \`handrail models\` and budgets. They count 30
days, and a month is deleted when none of its calls counts any more. It is never contributed to anybody, and no part of telemetry reads it;
deleting telemetry leaves it, and deleting the folder \`state/\` forgets it.

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
