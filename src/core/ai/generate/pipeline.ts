import { HandrailError } from '../../errors.ts';
import type { CancelSignal } from '../../ports.ts';
import { unlessCancelled } from '../../unlessCancelled.ts';
import type { CoverageEntry, Redaction, Usage } from '../finding.ts';
import type { ModelProvider, SecretScanner } from '../provider.ts';
import { digest } from '../review/fingerprint.ts';
import { redact, redactPaths, type Redacted } from '../review/redact.ts';
import { TokenCounter } from '../review/tokenCounter.ts';
import { addUsage } from '../usage.ts';
import { BlockParser, type BlocksEnd } from './blocks.ts';
import { frameGeneration, PROMPT_VERSION, type FramedFile, type GenerateFrame } from './frame.ts';
import type { GenerateEvent, GenerateResult, GenerateTarget } from './generation.ts';
import { packFiles } from './pack.ts';
import { proposeChanges, type TargetFacts } from './propose.ts';

/** A file that may be shown to the model, in the order of its importance. */
export interface ContextFile {
  path: string;
  text: string;
  /** The file begins with a byte order mark, which is not in the text. */
  bom?: boolean;
  /** It is what the request is about, so it is shown at least in part. */
  needed: boolean;
}

/** Everything a generation is made of, collected before it starts. */
export interface GenerateInput {
  instruction: string;
  prompt?: { path: string; text: string };
  step?: { title: string; why?: string };
  at?: GenerateTarget;
  files: readonly ContextFile[];
  /** Files that are not shown, with the reason. */
  skipped: readonly CoverageEntry[];
  /** Paths that the person named: what they hold may be changed even where that is refused otherwise. */
  named: readonly string[];
  instructions: string;
  /** Names of files in the workspace, as many as should be told. */
  names: readonly string[];
  notices: readonly string[];
}

export interface GeneratePorts {
  secrets: SecretScanner;
  provider: ModelProvider;
  /** An unpredictable word for the fence. */
  marker(): string;
  targets: TargetFacts;
}

export interface PreparedGeneration {
  system: string;
  user: string;
  /** The prompt without what is new each time. */
  stable: string;
  coverage: CoverageEntry[];
  redactions: Redaction[];
  /** By path, what was shown and what it really is. */
  shown: Map<string, { file: ContextFile; redacted: Redacted }>;
  usedMarkers: Set<string>;
  /** Files by the path that the model was told, where a secret stands in their own. */
  toldPaths: Map<string, string>;
  inputTokens: number;
}

const ANSWER_TOKENS = 16_000;
/** Part of the context that an answer may take: local servers have small ones. */
const ANSWER_SHARE = 0.35;
/** Room for what counting misses, such as the tokens around messages. */
const SPARE_TOKENS = 200;
const MIN_TEXT_TOKENS = 300;

/** Builds the prompt: secrets replaced, files packed into what the model takes. Fails with `config` when it takes too little. */
export async function prepareGeneration(
  input: GenerateInput,
  ports: Omit<GeneratePorts, 'targets'>,
  signal: CancelSignal,
): Promise<PreparedGeneration> {
  const { provider, secrets } = ports;
  const redactions: Redaction[] = [];
  const usedMarkers = new Set<string>();
  const clean = async (path: string, text: string): Promise<Redacted> => {
    throwIfCancelled(signal);
    const redacted = await unlessCancelled(redact(secrets, path, text), signal);
    for (const { marker } of redacted.markers) usedMarkers.add(marker);
    return redacted;
  };
  const all = new Map<string, { file: ContextFile; redacted: Redacted }>();
  for (const file of input.files) all.set(file.path, { file, redacted: await clean(file.path, file.text) });
  const paths = await redactPaths(secrets, [...all.keys(), ...(input.prompt ? [input.prompt.path] : []), ...input.names]);
  for (const { marker } of paths.markers) usedMarkers.add(marker);
  const told = (path: string): string => paths.shown.get(path) ?? path;
  const prompt = input.prompt && { path: input.prompt.path, redacted: await clean(input.prompt.path, input.prompt.text) };
  const atText = input.at && all.get(input.at.file)?.redacted.text;
  const frame: GenerateFrame = {
    instruction: (await clean('', input.instruction)).text,
    ...(prompt ? { prompt: { path: told(prompt.path), text: prompt.redacted.text } } : {}),
    ...(input.step ? { step: await cleanStep(input.step, clean) } : {}),
    instructions: (await clean('', input.instructions)).text,
    files: [],
    ...(input.at ? { at: { ...input.at, file: told(input.at.file) } } : {}),
    ...(atText === undefined ? {} : { atText }),
    names: input.names.map(told),
    hasRedactions: true,
  };
  const counter = new TokenCounter(provider, signal);
  const count = (text: string): Promise<number> => counter.count(text);
  const bare = frameGeneration(frame, ports.marker);
  const room = provider.contextTokens - answerTokens(provider) - SPARE_TOKENS - (await count(`${bare.system}\n\n${bare.user}`));
  if (room < (input.files.some(({ needed }) => needed) ? MIN_TEXT_TOKENS : 0)) throw tooSmall(provider);
  const candidates = [...all.values()].map(({ file, redacted }) => ({
    path: file.path,
    text: redacted.text,
    needed: file.needed,
    ...(input.at?.file === file.path ? { around: input.at } : {}),
  }));
  const packed = await packFiles(candidates, room, count);
  const shownPaths = new Set(packed.files.map(({ path }) => path));
  const shown = new Map([...all].filter(([path]) => shownPaths.has(path)));
  for (const { redacted } of shown.values()) redactions.push(...redacted.redactions);
  if (prompt) redactions.push(...prompt.redacted.redactions);
  redactions.push(...paths.redactions);
  const { system, user, fence } = frameGeneration(
    {
      ...frame,
      files: fileOrder(packed.files, input.at).map((file) => ({ ...file, path: told(file.path) })),
      hasRedactions: usedMarkers.size > 0,
    },
    ports.marker,
  );
  return {
    system,
    user,
    stable: user.replaceAll(fence, ''),
    coverage: [...(prompt ? [{ file: prompt.path, status: 'full' as const }] : []), ...packed.coverage, ...input.skipped],
    redactions,
    shown,
    usedMarkers,
    toldPaths: new Map([...shown.keys()].flatMap((path) => (told(path) === path ? [] : [[told(path), path]]))),
    inputTokens: await count(`${system}\n\n${user}`),
  };
}

/** A title and a reason come from a file too, and a secret in them is as secret. */
async function cleanStep(
  { title, why }: NonNullable<GenerateInput['step']>,
  clean: (path: string, text: string) => Promise<Redacted>,
): Promise<NonNullable<GenerateInput['step']>> {
  return { title: (await clean('', title)).text, ...(why === undefined ? {} : { why: (await clean('', why)).text }) };
}

/**
 * Asks the model and places its blocks. Nothing is written. Fails with the provider's HandrailError, with `bad-response` for an answer
 * that holds nothing, or `cancelled`.
 */
export async function runGeneration(
  input: GenerateInput,
  ports: GeneratePorts,
  { signal, onEvent }: { signal: CancelSignal; onEvent(event: GenerateEvent): void },
): Promise<GenerateResult> {
  const notices: string[] = [];
  const notice = (message: string): void => {
    if (notices.includes(message)) return;
    notices.push(message);
    onEvent({ type: 'notice', message });
  };
  input.notices.forEach(notice);
  onEvent({ type: 'progress', message: 'Reading', outputTokens: 0, blocks: 0 });
  const prepared = await prepareGeneration(input, ports, signal);
  const { provider } = ports;
  onEvent({ type: 'progress', message: `${provider.model} reads ${filesCount(prepared.shown.size)}`, outputTokens: 0, blocks: 0 });
  const { end, ending, usage } = await ask(prepared, provider, signal, onEvent, notice);
  explainEnd(end, ending, provider, notice);
  const proposal = await proposeChanges(end.blocks, {
    shown: prepared.shown,
    usedMarkers: prepared.usedMarkers,
    at: input.at,
    named: input.named,
    facts: ports.targets,
    toldPaths: prepared.toldPaths,
  });
  proposal.notices.forEach(notice);
  throwIfCancelled(signal);
  return {
    model: provider.name,
    modelId: provider.model,
    promptDigest: `sha256:${digest([PROMPT_VERSION, prepared.system, prepared.stable])}`,
    changes: proposal.changes,
    unplaced: proposal.unplaced,
    explanation: end.prose,
    usage,
    coverage: prepared.coverage,
    redactions: prepared.redactions,
    notices,
  };
}

type Ending = 'stop' | 'length' | 'filtered' | 'cut-off';

/** Events come at most once in so many tokens. */
const PROGRESS_TOKENS = 25;

async function ask(
  { system, user }: PreparedGeneration,
  provider: ModelProvider,
  signal: CancelSignal,
  onEvent: (event: GenerateEvent) => void,
  notice: (message: string) => void,
): Promise<{ end: BlocksEnd; ending: Ending; usage: Usage }> {
  const parser = new BlockParser();
  const usage: Usage = { requests: 1, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cacheHits: 0 };
  let ending: Ending = 'stop';
  let length = 0;
  let shown = 0;
  let blocks = 0;
  for await (const chunk of provider.stream({ system, user, maxOutputTokens: answerTokens(provider) }, signal)) {
    if (chunk.type === 'text') {
      parser.push(chunk.text);
      length += chunk.text.length;
      const tokens = Math.ceil(length / 4);
      if (tokens - shown >= PROGRESS_TOKENS || parser.count > blocks) {
        shown = tokens;
        blocks = parser.count;
        onEvent({ type: 'progress', message: `${provider.model} writes`, outputTokens: tokens, blocks });
      }
      if (parser.stopped) break;
    } else if (chunk.type === 'usage') addUsage(usage, chunk);
    else if (chunk.type === 'end') ending = chunk.reason;
    else if (chunk.type === 'notice') notice(chunk.message);
  }
  throwIfCancelled(signal);
  return { end: parser.finish(), ending, usage };
}

function explainEnd(end: BlocksEnd, ending: Ending, provider: ModelProvider, notice: (message: string) => void): void {
  if (end.blocks.length === 0 && end.prose === '') {
    throw new HandrailError('bad-response', `${provider.model} gave an empty answer.`, { hint: 'Try again, or choose another model.' });
  }
  if (end.overLimit) notice('The model did not stop writing; its answer was ended, the complete edits up to there are kept.');
  else if (ending === 'filtered') notice('The content filter of the endpoint withheld a part of the answer.');
  else if (ending !== 'stop' || end.cutOff) notice('The answer was cut off; the complete edits up to there are kept.');
  else if (end.blocks.length === 0) notice(`${provider.model} proposed no change.`);
}

function answerTokens({ contextTokens }: ModelProvider): number {
  return Math.min(ANSWER_TOKENS, Math.floor(contextTokens * ANSWER_SHARE));
}

/** What the request is about comes last, next to the task. */
function fileOrder(files: readonly FramedFile[], at: GenerateTarget | undefined): FramedFile[] {
  const rest = files.filter(({ path }) => path !== at?.file);
  return [...rest, ...files.filter(({ path }) => path === at?.file)];
}

function filesCount(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

function tooSmall({ model, contextTokens }: ModelProvider): HandrailError {
  return new HandrailError('config', `The context of ${model} (${contextTokens} tokens) has no room for code beside the instructions.`, {
    hint: 'Set limits.contextTokens of the model in .handrail/models.yml to what its server really takes, or choose another model.',
  });
}

function throwIfCancelled(signal: CancelSignal): void {
  if (signal.aborted) throw new HandrailError('cancelled', 'The generation was cancelled.');
}
