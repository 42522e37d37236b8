import type { HoverPart } from '../../../core/workflow/authoring/hover.ts';
import { code, plain } from '../markdown.ts';
import { kindWords, stateWords } from '../words.ts';
import type { Localiser } from '../words.ts';

/** At most this many paths are listed; the rest is counted. */
const PATHS_SHOWN = 5;

/** A hover as Markdown. Text of the repository is escaped. A word that is a whole expression says the same as the expression: once. */
export function hoverText(l10n: Localiser, parts: readonly HoverPart[]): string {
  return [...new Set(parts.map((part) => partText(l10n, part)))].join('\n\n');
}

function partText(l10n: Localiser, part: HoverPart): string {
  switch (part.about) {
    case 'key':
      return keyText(l10n, part);
    case 'choice':
      return `**${plain(part.value)}** · ${plain(part.description)}`;
    case 'step':
      return stepText(l10n, part);
    case 'no-step':
      return l10n.t('There is no step {0}.', code(part.id));
    case 'word':
      return `${code(part.word)} · ${plain(part.description)}`;
    case 'expression':
      return expressionText(l10n, part);
    case 'glob':
      return globText(l10n, part);
    case 'file':
      return fileText(l10n, part);
    case 'shared':
      return sharedText(l10n, part);
    case 'role':
      return part.model === undefined
        ? l10n.t('{0} has no role {1}.', code('.handrail/models.yml'), code(part.role))
        : l10n.t('The role {0} is answered by {1}.', code(part.role), code(part.model));
  }
}

function keyText(l10n: Localiser, part: Extract<HoverPart, { about: 'key' }>): string {
  const type = typeWords(l10n, part.type);
  const head = [`**${plain(part.name)}**`, type, part.required ? l10n.t('required') : undefined]
    .filter((one) => one !== undefined)
    .join(' · ');
  const choices = part.choices?.map(({ value, description }) =>
    description === undefined ? `- ${code(String(value))}` : `- ${code(String(value))} · ${plain(description)}`,
  );
  return [head, part.description && plain(part.description), choices?.join('\n')].filter((one) => one !== undefined).join('\n\n');
}

function typeWords(l10n: Localiser, type: Extract<HoverPart, { about: 'key' }>['type']): string | undefined {
  switch (type) {
    case 'list':
      return l10n.t('list');
    case 'mapping':
    case 'names':
      return l10n.t('mapping');
    case 'number':
      return l10n.t('number');
    case 'text':
      return l10n.t('text');
    default:
      return undefined;
  }
}

function stepText(l10n: Localiser, part: Extract<HoverPart, { about: 'step' }>): string {
  const kind = isKind(part.kind) ? kindWords(l10n, part.kind) : part.kind;
  const lines = [[`**${plain(part.title ?? part.id)}**`, kind && plain(kind)].filter((one) => one !== undefined).join(' · ')];
  if (part.status)
    lines.push(
      `${l10n.t('On this branch:')} ${plain(part.status.state === 'blocked' ? part.status.because : stateWords(l10n, part.status, []))}`,
    );
  for (const expectation of part.status?.expect ?? [])
    lines.push(`- ${expectation.met ? '$(pass)' : '$(circle-large-outline)'} ${plain(expectation.detail)}`);
  if (part.from !== undefined) lines.push(l10n.t('It comes from {0}.', code(part.from)));
  return lines.join('\n\n');
}

function isKind(kind: string | undefined): kind is Parameters<typeof kindWords>[1] {
  return kind === 'manual' || kind === 'command' || kind === 'generate' || kind === 'review' || kind === 'approval';
}

function expressionText(l10n: Localiser, part: Extract<HoverPart, { about: 'expression' }>): string {
  const expression = code(part.expression);
  if (part.result === undefined) return l10n.t('What {0} gives is known only in a trusted folder with git.', expression);
  const branch = code(part.branch === '' || part.branch === undefined ? l10n.t('this commit') : part.branch);
  if (part.result.error !== undefined)
    return `${l10n.t('On {0}, {1} cannot be evaluated:', branch, expression)} ${plain(part.result.error)}`;
  const line = l10n.t('On {0}, {1} is {2}.', branch, expression, code(part.result.value));
  return part.result.matched.length === 0 ? line : `${line} ${l10n.t('It rests on {0}.', pathsText(l10n, part.result.matched))}`;
}

function globText(l10n: Localiser, part: Extract<HoverPart, { about: 'glob' }>): string {
  const { length } = part.files;
  const lines = [
    length === 1 ? l10n.t('{0} matches 1 file now.', code(part.glob)) : l10n.t('{0} matches {1} files now.', code(part.glob), length),
  ];
  if (part.changed !== undefined) {
    lines.push(
      part.changed.length === 0
        ? l10n.t('This branch changes none of them.')
        : l10n.t('Changed on this branch: {0}', pathsText(l10n, part.changed)),
    );
  } else if (part.files.length > 0) lines.push(pathsText(l10n, part.files));
  return lines.join('\n\n');
}

function fileText(l10n: Localiser, part: Extract<HoverPart, { about: 'file' }>): string {
  if (!part.exists) return l10n.t('There is no file {0} yet.', code(part.path));
  return part.title === undefined ? l10n.t('{0} is there.', code(part.path)) : `${code(part.path)} · ${plain(part.title)}`;
}

function sharedText(l10n: Localiser, part: Extract<HoverPart, { about: 'shared' }>): string {
  const name = l10n.t('{0} of {1} at {2}', code(part.path), code(part.repository), code(part.version));
  const head = part.title === undefined ? name : `${name} · ${plain(part.title)}`;
  if (part.commit === undefined) return [head, l10n.t('It is not locked yet, so it is not followed.')].join('\n\n');
  const commit = code(part.commit.slice(0, 12));
  return [
    head,
    part.isHere ? l10n.t('Locked at commit {0}.', commit) : l10n.t('Locked at commit {0}, and not on this machine yet.', commit),
  ].join('\n\n');
}

function pathsText(l10n: Localiser, paths: readonly string[]): string {
  const shown = paths
    .slice(0, PATHS_SHOWN)
    .map((path) => code(path))
    .join(', ');
  return paths.length > PATHS_SHOWN ? l10n.t('{0} and {1} more', shown, paths.length - PATHS_SHOWN) : shown;
}
