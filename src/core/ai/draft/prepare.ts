import { HandrailError } from '../../errors.ts';
import type { CancelSignal } from '../../ports.ts';
import { unlessCancelled } from '../../unlessCancelled.ts';
import type { CoverageEntry, Redaction } from '../finding.ts';
import type { ModelProvider } from '../provider.ts';
import type { ReviewUnit } from '../review/collect.ts';
import type { Hunk } from '../review/hunks.ts';
import { prepareUnits, type PreparedUnit } from '../review/prepare.ts';
import { Redactor } from '../review/redact.ts';
import { TokenCounter } from '../review/tokenCounter.ts';
import { frameDraft, type DraftFrame } from './frame.ts';
import type { DraftInput, DraftPorts } from './input.ts';

export interface PreparedDraft {
  system: string;
  user: string;
  /** The prompt without what is new each time. */
  stable: string;
  coverage: CoverageEntry[];
  redactions: Redaction[];
  inputTokens: number;
}

/** UTF-16 units of one part that comes from elsewhere; a message is about the change. */
const MAX_HINT = 8_000;
const MAX_SUBJECTS = 40;
const MAX_NAMED = 100;
const SPARE_TOKENS = 200;
/** Fence and heading of a file. */
const FILE_TOKENS = 40;
const MIN_PART_TOKENS = 80;
const MIN_TEXT_TOKENS = 300;
/** A commit message needs little, a description more. */
const ANSWER_TOKENS = { 'commit-message': 2_000, 'pull-request': 6_000 } as const;
const ANSWER_SHARE = 0.3;

/** Builds the prompt: secrets replaced, the change packed into what the model takes. Fails with `config` when it takes too little. */
export async function prepareDraft(input: DraftInput, ports: DraftPorts, signal: CancelSignal): Promise<PreparedDraft> {
  const { provider, secrets, marker } = ports;
  const redactor = new Redactor(secrets);
  // All that may be sent is looked through before any of it is redacted.
  const asides = await unlessCancelled(learnAsides(input, redactor), signal);
  const { units } = await unlessCancelled(prepareUnits(input.units, secrets, signal, redactor), signal);
  const named = input.skipped.slice(0, MAX_NAMED).map(({ file, reason = '' }) => `${file} (${reason})`);
  const told = (await redactor.learn('', named.join('\n'))).redact().text;
  const bare: DraftFrame = {
    ...asides(),
    kind: input.kind,
    source: input.source,
    files: [],
    named: told === '' ? [] : told.split('\n'),
  };
  const counter = new TokenCounter(provider, signal);
  const empty = frameDraft(bare, marker);
  const room =
    provider.contextTokens - answerTokens(provider, input.kind) - SPARE_TOKENS - (await counter.count(`${empty.system}\n\n${empty.user}`));
  if (room < MIN_TEXT_TOKENS) throw tooSmall(provider);
  const { files, coverage } = await packDiffs(units, room, (text) => counter.count(text));
  const { system, user, fence } = frameDraft({ ...bare, files }, marker);
  const shown = new Set(coverage.flatMap(({ file, status }) => (status === 'skipped' ? [] : [file])));
  return {
    system,
    user,
    stable: user.replaceAll(fence, ''),
    coverage: [...coverage, ...input.skipped],
    redactions: units.flatMap((one, index) => (shown.has(one.unit.path) ? redactionsIn(one, input.units[index]) : [])),
    inputTokens: await counter.count(`${system}\n\n${user}`),
  };
}

/** Room that is kept for the answer. */
export function answerTokens({ contextTokens }: ModelProvider, kind: DraftInput['kind']): number {
  return Math.min(ANSWER_TOKENS[kind], Math.floor(contextTokens * ANSWER_SHARE));
}

type Asides = Pick<DraftFrame, 'branch' | 'subjects' | 'instructions' | 'steps' | 'hint' | 'sections'>;

async function learnAsides(input: DraftInput, redactor: Redactor): Promise<() => Asides> {
  const learn = async (text: string): Promise<() => string> => {
    const learnt = await redactor.learn('', text);
    return () => learnt.redact().text;
  };
  const lines = async (items: readonly string[]): Promise<() => string[]> => {
    const text = await learn(items.map((item) => item.replace(/[\r\n]+/gu, ' ')).join('\n'));
    return () => (items.length === 0 ? [] : text().split('\n'));
  };
  const branch = await learn(input.branch ?? '');
  const subjects = await lines(input.subjects.slice(0, MAX_SUBJECTS));
  const instructions = await learn(input.instructions);
  const steps = await lines(input.steps);
  const hint = await learn(input.hint.trim().slice(0, MAX_HINT));
  const headings = await lines((input.sections ?? []).map(({ heading }) => heading));
  return () => ({
    branch: input.branch === null ? null : branch(),
    subjects: subjects(),
    instructions: instructions(),
    steps: steps(),
    hint: hint(),
    ...(input.sections === undefined ? {} : { sections: headings().map((heading) => ({ heading, checks: [] })) }),
  });
}

/** A change as lines with the signs of a diff. */
function diffText(hunks: readonly Hunk[]): string {
  const sign = { added: '+', removed: '-', context: ' ' } as const;
  return hunks
    .map(({ startLine, lines }) => [`@@ line ${startLine}`, ...lines.map(({ kind, text }) => sign[kind] + text)].join('\n'))
    .join('\n');
}

/** Small changes first, so that as many files as possible are seen whole; one that does not fit is shown up to where it does. */
async function packDiffs(
  units: readonly PreparedUnit[],
  room: number,
  count: (text: string) => Promise<number>,
): Promise<{ files: { path: string; diff: string }[]; coverage: CoverageEntry[] }> {
  const diffs = units.map(({ unit, shownPath }) => ({ file: unit.path, path: shownPath, diff: diffText(unit.hunks ?? []) }));
  const shown = new Map<string, string>();
  const coverage = new Map<string, CoverageEntry>();
  let left = room;
  for (const { file, diff } of diffs.toSorted((a, b) => a.diff.length - b.diff.length)) {
    const part = await fitting(diff, left - FILE_TOKENS, count);
    if (part === undefined) coverage.set(file, { file, status: 'skipped', reason: 'no room: the model takes no more' });
    else {
      left -= FILE_TOKENS + part.tokens;
      shown.set(file, part.text);
      const isWhole = part.text === diff;
      coverage.set(file, isWhole ? { file, status: 'full' } : { file, status: 'partial', reason: 'the model takes no more of the change' });
    }
  }
  // In the order of the change, not of their length.
  const files = diffs.flatMap(({ file, path }) => (shown.has(file) ? [{ path, diff: shown.get(file) ?? '' }] : []));
  return { files, coverage: diffs.flatMap(({ file }) => coverage.get(file) ?? []) };
}

/** Tokens are longer than this many characters so rarely that a text can be refused without counting it. */
const MOST_CHARACTERS_A_TOKEN = 8;

/** The whole text, or its first lines as far as they fit, found by halving; undefined where hardly any would. */
async function fitting(
  text: string,
  limit: number,
  count: (text: string) => Promise<number>,
): Promise<{ text: string; tokens: number } | undefined> {
  const tokensOf = async (part: string): Promise<number> =>
    part.length / MOST_CHARACTERS_A_TOKEN > limit ? Number.POSITIVE_INFINITY : await count(part);
  const all = await tokensOf(text);
  if (all <= limit) return { text, tokens: all };
  if (limit < MIN_PART_TOKENS) return undefined;
  const lines = text.split('\n');
  let best: { text: string; tokens: number } | undefined;
  for (let low = 1, high = lines.length - 1; low <= high;) {
    const middle = (low + high) >> 1;
    const part = lines.slice(0, middle).join('\n');
    const tokens = await tokensOf(part);
    if (tokens <= limit) {
      best = { text: part, tokens };
      low = middle + 1;
    } else high = middle - 1;
  }
  return best;
}

/** What was replaced in the lines that were sent, by the line it stands in or stood before. */
function redactionsIn({ unit }: PreparedUnit, original: ReviewUnit | undefined): Redaction[] {
  return (unit.hunks ?? []).flatMap((hunk, at) => {
    let line = hunk.startLine;
    return hunk.lines.flatMap((one, index) => {
      line = one.line ?? line;
      if (one.text === original?.hunks?.[at]?.lines[index]?.text) return [];
      return [...one.text.matchAll(/\[redacted:([a-z0-9-]+)\]/gu)].map(([, kind = 'secret']) => ({ file: unit.path, line, kind }));
    });
  });
}

function tooSmall({ model, contextTokens }: ModelProvider): HandrailError {
  return new HandrailError(
    'config',
    `The context of ${model} (${contextTokens} tokens) has no room for a change beside the instructions.`,
    {
      hint: 'Set limits.contextTokens of the model in .handrail/models.yml to what its server really takes, or choose another model.',
    },
  );
}
