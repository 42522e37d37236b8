/** docs/telemetry.md as the catalogue has it. `node scripts/telemetryDocs.mjs` writes it; a unit test fails when the page differs. */
import { COUNTERS } from '../src/core/telemetry/counters.ts';
import { FORGOTTEN_AFTER } from '../src/core/telemetry/acceptedNote.ts';
import { FIELDS, RETENTION_DAYS, RETENTION_RANGE } from '../src/core/telemetry/catalogue.ts';
import { RECORDED_DIGEST, registryDigest } from '../src/core/telemetry/digest.ts';

const code = (values) => values.map((value) => `\`${value}\``).join(', ');

/** The values that a field can have, in words. */
export function valuesText(field) {
  switch (field.kind) {
    case 'version':
      return `\`${field.value}\``;
    case 'day':
      return 'a day such as `2026-11-22`';
    case 'team':
      return 'a name such as `payments`';
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

Prompts, answers, code, or hashes of them; names of files, repositories, branches, commits, steps, models or servers; users, e-mail
addresses, machines, network addresses; identifiers of sessions or conversations; the text of errors; a time of day.

## How it is kept

One line of JSON an event, in \`telemetry/events/\`, one file per ISO week and process, readable by you alone. Events are kept for
${RETENTION_DAYS} days, or as many as you choose (${RETENTION_RANGE.least} to ${RETENTION_RANGE.most}); after that they are no longer shown, and the file is deleted once the last day of its week
has expired. Each file's own time is set to midnight. What the operating system notes besides (when a file was made or its entry changed)
is beyond our reach; nothing of Handrail reads it.

## What is left of it after a week

While telemetry is on, \`telemetry/accepted/\` keeps of each proposal that you accept what is needed to tell later how much of it is still
there: a hash of each added line (of a sample where there are many), of the file's path, the folder and the branch, under a random key of its own
that is kept with it, the day, and how and by which family of models it was made; no text. When work in the repository begins seven days later or more, the lines that are
still there are counted, one event with \`survivalBucket\` is recorded, and the note is deleted. Renamed files are followed; a deleted one
holds nothing any more. What was not measured is deleted after ${FORGOTTEN_AFTER} days, and all of it at once when you turn telemetry off, delete everything,
or the editor's own level forbids recording. None of it is an event, and none of it is ever shared.

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
clip, in whole numbers. Counters whose sums follow from one another are never both published.

${table(['counter', 'counts', 'unit', 'by', 'clip', 'never with', 'until'], counters)}

Digest of all counters (SHA-256 of their RFC 8785 JSON, as \`handrail telemetry catalogue --format json\` prints them):
\`${registryDigest(COUNTERS)}\`.
`;
}
