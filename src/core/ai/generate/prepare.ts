import { HandrailError } from '../../errors.ts';
import type { CancelSignal } from '../../ports.ts';
import { unlessCancelled } from '../../unlessCancelled.ts';
import type { CoverageEntry, Redaction } from '../finding.ts';
import type { ModelProvider, SecretScanner } from '../provider.ts';
import { Redactor, redactPaths, type Learnt, type Redacted } from '../review/redact.ts';
import { TokenCounter } from '../review/tokenCounter.ts';
import { frameGeneration, type FramedFile, type GenerateFrame } from './frame.ts';
import type { GenerateTarget } from './generation.ts';
import { packFiles } from './pack.ts';
import type { ContextFile, GenerateInput, GeneratePorts } from './input.ts';

export interface PreparedGeneration {
  system: string;
  user: string;
  /** The task alone, in the words that were sent: secrets replaced, prompt file included. */
  task: GenerateFrame;
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

interface FramedGeneration {
  frame: GenerateFrame;
  all: Map<string, { file: ContextFile; redacted: Redacted }>;
  prompt: { path: string; redacted: Redacted } | undefined;
  paths: Awaited<ReturnType<typeof redactPaths>>;
  usedMarkers: Set<string>;
}

const ANSWER_TOKENS = 16_000;
/** Part of the context that an answer may take: local servers have small ones. */
const ANSWER_SHARE = 0.35;
/** Room for what counting misses, such as the tokens around messages. */
export const SPARE_TOKENS = 200;
const MIN_TEXT_TOKENS = 300;

/** Builds the prompt: secrets replaced, files packed into what the model takes. Fails with `config` when it takes too little. */
export async function prepareGeneration(
  input: GenerateInput,
  ports: Omit<GeneratePorts, 'targets'>,
  signal: CancelSignal,
): Promise<PreparedGeneration> {
  const { provider, secrets } = ports;
  const { frame, all, prompt, paths, usedMarkers } = await framed(input, secrets, signal);
  const redactions: Redaction[] = [];
  const told = (path: string): string => paths.shown.get(path) ?? path;
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
  const sent = new Map(packed.files.map((file) => [file.path, file]));
  for (const [path, { redacted }] of all) if (sent.has(path)) redactions.push(...redacted.redactions);
  // Of an outline nothing can be quoted, and what was not read is not overwritten.
  const shown = new Map([...all].filter(([path]) => sent.get(path)?.outline === undefined && sent.has(path)));
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
    task: frame,
    stable: user.replaceAll(fence, ''),
    coverage: [...(prompt ? [{ file: prompt.path, status: 'full' as const }] : []), ...packed.coverage, ...input.skipped],
    redactions,
    shown,
    usedMarkers,
    toldPaths: new Map([...shown.keys()].flatMap((path) => (told(path) === path ? [] : [[told(path), path]]))),
    inputTokens: await count(`${system}\n\n${user}`),
  };
}

/** Everything that may be sent but the files, without secrets: all of it is looked through before any of it is redacted. */
async function framed(input: GenerateInput, secrets: SecretScanner, signal: CancelSignal): Promise<FramedGeneration> {
  const redactor = new Redactor(secrets);
  const learn = async (path: string, text: string): Promise<Learnt> => {
    throwIfCancelled(signal);
    return await unlessCancelled(redactor.learn(path, text), signal);
  };
  const learnt = new Map<ContextFile, Learnt>();
  for (const file of input.files) learnt.set(file, await learn(file.path, file.text));
  const promptText = input.prompt && (await learn(input.prompt.path, input.prompt.text));
  // A title and a reason come from a file too, and a secret in them is as secret.
  const words = await Promise.all(
    [input.instruction, input.instructions, input.step?.title ?? '', input.step?.why ?? ''].map((text) => learn('', text)),
  );
  const paths = await redactPaths(redactor, [
    ...input.files.map(({ path }) => path),
    ...(input.prompt ? [input.prompt.path] : []),
    ...input.names,
  ]);
  const told = (path: string): string => paths.shown.get(path) ?? path;
  const [instruction = '', instructions = '', title = '', why = ''] = words.map((one) => one.redact().text);
  const usedMarkers = new Set(paths.markers.map(({ marker }) => marker));
  const all = new Map<string, { file: ContextFile; redacted: Redacted }>();
  for (const [file, one] of learnt) all.set(file.path, { file, redacted: one.redact() });
  const prompt = input.prompt && promptText && { path: input.prompt.path, redacted: promptText.redact() };
  for (const { markers } of [...[...all.values()].map(({ redacted }) => redacted), ...(prompt ? [prompt.redacted] : [])])
    for (const { marker } of markers) usedMarkers.add(marker);
  const atText = input.at && all.get(input.at.file)?.redacted.text;
  const frame: GenerateFrame = {
    instruction,
    ...(prompt ? { prompt: { path: told(prompt.path), text: prompt.redacted.text } } : {}),
    ...(input.step ? { step: { title, ...(input.step.why === undefined ? {} : { why }) } } : {}),
    instructions,
    files: [],
    ...(input.at ? { at: { ...input.at, file: told(input.at.file) } } : {}),
    ...(atText === undefined ? {} : { atText }),
    names: input.names.map(told),
    hasRedactions: true,
  };
  return { frame, all, prompt, paths, usedMarkers };
}

/** Room that is kept for the answer. */
export function answerTokens({ contextTokens }: ModelProvider): number {
  return Math.min(ANSWER_TOKENS, Math.floor(contextTokens * ANSWER_SHARE));
}

/** What the request is about comes last, next to the task. */
function fileOrder(files: readonly FramedFile[], at: GenerateTarget | undefined): FramedFile[] {
  const rest = files.filter(({ path }) => path !== at?.file);
  return [...rest, ...files.filter(({ path }) => path === at?.file)];
}

function tooSmall({ model, contextTokens }: ModelProvider): HandrailError {
  return new HandrailError('config', `The context of ${model} (${contextTokens} tokens) has no room for code beside the instructions.`, {
    hint: 'Set limits.contextTokens of the model in .handrail/models.yml to what its server really takes, or choose another model.',
  });
}

export function throwIfCancelled(signal: CancelSignal): void {
  if (signal.aborted) throw new HandrailError('cancelled', 'The generation was cancelled.');
}
