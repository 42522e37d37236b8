import { closeSync, openSync, readSync } from 'node:fs';
import { basename, join } from 'node:path';
import ignore from 'ignore';
import type { CoverageEntry } from '../../core/ai/finding.ts';
import type { GenerateRequest, GenerateTarget } from '../../core/ai/generate/generation.ts';
import type { ContextFile, GenerateInput } from '../../core/ai/generate/pipeline.ts';
import { neighboursOf, siblingsOf } from '../../core/ai/generate/neighbours.ts';
import { sharedNames } from '../../core/ai/generate/outline.ts';
import { fillVariables, readPromptFile, type PromptFile } from '../../core/ai/generate/promptFile.ts';
import { skipByText } from '../../core/ai/review/collect.ts';
import { instructionsFor } from '../../core/ai/review/instructions.ts';
import { splitLines } from '../../core/ai/review/lines.ts';
import { failureOf, HandrailError } from '../../core/errors.ts';
import { compileGlobs } from '../../core/workflow/globs.ts';
import type { Repository } from '../git/repository.ts';
import { locateInside, type NodeWorkspaceFiles } from '../workspaceFiles.ts';
import { readInstructions } from './collect.ts';
import { ignoredByGit, readIgnoreFile, skipReason, targetOf } from './leftOut.ts';

export interface GenerateInputPorts {
  files: NodeWorkspaceFiles;
  /** Absent outside a repository. */
  repository: Repository | undefined;
}

/** Files beside those that were named. More than this fits into no model's context. */
const MAX_MORE_FILES = 300;
/** UTF-16 units of all of them together. */
const MAX_MORE_LENGTH = 1_500_000;
/** Files left out that are listed one by one. */
const MAX_LISTED = 100;
const MAX_NAMES = 300;
const MAX_NEIGHBOURS = 20;
/** Files of a folder that are looked through for names. */
const MAX_SIBLINGS = 60;
/** UTF-16 units of all neighbours together. */
const MAX_NEIGHBOURS_LENGTH = 200_000;

/**
 * Gathers what a generation is made of: the file at the cursor, what the person and the prompt file name, then what the step reads and
 * what the branch changed. Fails with `not-found` or `config` for what was named and cannot be read.
 */
export async function collectGeneration(request: GenerateRequest, ports: GenerateInputPorts): Promise<GenerateInput> {
  const instruction = request.instruction?.trim() ?? '';
  if (instruction === '' && request.prompt === undefined) {
    throw new HandrailError('usage', 'There is nothing to generate.', { hint: 'Say what is to be made, or name a prompt file.' });
  }
  const collector = new Collector(request, ports);
  const prompt = request.prompt === undefined ? undefined : collector.promptFile(normalise(request.prompt));
  await collector.addNamed();
  if (prompt) await collector.addLinked(prompt);
  const known = await knownFiles(ports.repository);
  if (request.step) await collector.addOfStep(request.step, known);
  await collector.addNeighbours(known);
  return collector.input(instruction, prompt, request.step || prompt ? known : []);
}

class Collector {
  readonly #request: GenerateRequest;
  readonly #files: NodeWorkspaceFiles;
  readonly #repository: Repository | undefined;
  readonly #context: ContextFile[] = [];
  readonly #skipped: CoverageEntry[] = [];
  readonly #named: string[] = [];
  readonly #notices: string[] = [];
  #at: GenerateTarget | undefined;

  constructor(request: GenerateRequest, { files, repository }: GenerateInputPorts) {
    this.#request = request;
    this.#files = files;
    this.#repository = repository;
  }

  promptFile(path: string): PromptFile {
    const text = this.#text(path);
    if (text === undefined) {
      throw new HandrailError('not-found', `There is no prompt file ${path}.`, {
        hint: 'Check the path; it counts from the workspace folder.',
        location: { path },
      });
    }
    const prompt = readPromptFile(path, text);
    if (prompt.body === '' && (this.#request.instruction ?? '').trim() === '') {
      throw new HandrailError('config', `The prompt file ${path} is empty.`, {
        hint: 'Write into it what is to be made.',
        location: { path },
      });
    }
    this.#notices.push(...prompt.notices);
    return prompt;
  }

  /** The file at the cursor, and those that the person named. */
  async addNamed(): Promise<void> {
    const { at, files = [] } = this.#request;
    const paths = [...new Set([...(at ? [at.file] : []), ...files].map(normalise))];
    const reasons = await this.#reasons(paths);
    for (const path of paths) {
      const text = this.#text(path);
      if (text === undefined) throw missing(path);
      const reason = reasons.get(path) ?? (text.includes('\0') ? 'binary' : undefined);
      if (reason !== undefined) {
        throw new HandrailError('config', `${path} goes to no model: ${reason}.`, { hint: 'Name another file.', location: { path } });
      }
      this.#named.push(path);
      this.#add(path, text, true);
    }
    if (at) this.#at = inside({ ...at, file: normalise(at.file) }, this.#context[0]?.text ?? '');
  }

  /** What the prompt file links to. It comes from the repository, so it opens nothing that is ignored. */
  async addLinked(prompt: PromptFile): Promise<void> {
    const reasons = await this.#reasons(prompt.links.map(({ path }) => path));
    let length = 0;
    for (const { path, line } of prompt.links) {
      if (this.#isKnown(path)) continue;
      const location = { path: prompt.path, line };
      const text = this.#linkedText(path, prompt.path, location);
      if (text === undefined) continue;
      const full = length + text.length > MAX_MORE_LENGTH ? 'no room beside the other files' : undefined;
      const reason = reasons.get(path) ?? skipByText(text) ?? full;
      length += reason === undefined ? text.length : 0;
      if (reason !== undefined) {
        this.#skip(path, reason);
        this.#notices.push(`${prompt.path} points to ${path}, which goes to no model: ${reason}.`);
      } else this.#add(path, text, true);
    }
  }

  /** What the step says it reads, else what the branch has changed; the changed files first. */
  async addOfStep({ inputs = [] }: NonNullable<GenerateRequest['step']>, known: readonly string[]): Promise<void> {
    const changed = await changedFiles(this.#repository);
    const matches = inputs.length > 0 ? compileGlobs(inputs) : () => false;
    const wanted = [...changed.filter((path) => inputs.length === 0 || matches(path)), ...known.filter((path) => matches(path))];
    // The prompt file is the task already.
    const prompt = this.#request.prompt === undefined ? undefined : normalise(this.#request.prompt);
    const paths = [...new Set(wanted)].filter((path) => path !== prompt && !this.#isKnown(path));
    const taken = paths.slice(0, MAX_MORE_FILES);
    const reasons = await this.#reasons(taken);
    let length = 0;
    let more = paths.length - taken.length;
    for (const path of taken) {
      const text = reasons.has(path) ? undefined : this.#quietText(path);
      const reason = reasons.get(path) ?? (typeof text === 'string' ? skipByText(text) : (text?.reason ?? 'no longer there'));
      if (reason !== undefined) this.#skip(path, reason);
      else if (typeof text === 'string' && length + text.length <= MAX_MORE_LENGTH) {
        length += text.length;
        this.#add(path, text, false);
      } else more++;
    }
    if (more > 0)
      this.#notices.push(
        `${more} more ${more === 1 ? 'file' : 'files'} of this step did not fit and ${more === 1 ? 'was' : 'were'} not read.`,
      );
  }

  /**
   * What the file at the cursor, or the first one that was named, imports, its test, and the files beside it whose names it uses. They help
   * to write, and make room for everything that was asked for.
   */
  async addNeighbours(known: readonly string[]): Promise<void> {
    const [path] = this.#named;
    const text = this.#context.find((file) => file.path === path)?.text;
    if (path === undefined || text === undefined) return;
    const imported = neighboursOf(path, text).flatMap((paths) => paths.find((one) => this.#isFile(one)) ?? []);
    const wanted = [...imported, ...(await this.#usedSiblings(path, text, known))];
    await this.#addMore([...new Set(wanted)].filter((one) => !this.#isKnown(one)).slice(0, MAX_NEIGHBOURS));
  }

  /** Files of the same folder, those first whose names the file or the task uses most. */
  async #usedSiblings(path: string, text: string, known: readonly string[]): Promise<string[]> {
    const siblings = siblingsOf(path, known).slice(0, MAX_SIBLINGS);
    const reasons = await this.#reasons(siblings);
    const words = `${text}\n${this.#request.instruction ?? ''}`;
    return siblings
      .filter((one) => !reasons.has(one))
      .map((one) => ({ one, shared: sharedNames(this.#plainText(one), words) }))
      .filter(({ shared }) => shared > 0)
      .sort((a, b) => b.shared - a.shared || (a.one < b.one ? -1 : 1))
      .map(({ one }) => one);
  }

  /** Empty for what cannot be read. */
  #plainText(path: string): string {
    const text = this.#quietText(path);
    return typeof text === 'string' ? text : '';
  }

  async #addMore(paths: readonly string[]): Promise<void> {
    const reasons = await this.#reasons(paths);
    let length = 0;
    for (const path of paths) {
      const text = reasons.has(path) ? undefined : this.#quietText(path);
      const full = typeof text === 'string' && length + text.length > MAX_NEIGHBOURS_LENGTH ? 'no room beside the other files' : undefined;
      const reason = reasons.get(path) ?? (typeof text === 'string' ? (skipByText(text) ?? full) : (text?.reason ?? 'no longer there'));
      if (reason !== undefined) this.#skip(path, reason);
      else if (typeof text === 'string') {
        length += text.length;
        this.#add(path, text, false);
      }
    }
  }

  /** A folder, and what leads out of the workspace, is none. */
  #isFile(path: string): boolean {
    try {
      return this.#text(path) !== undefined;
    } catch {
      return false;
    }
  }

  input(instruction: string, prompt: PromptFile | undefined, known: readonly string[]): GenerateInput {
    const { step, inputs = {} } = this.#request;
    const at = this.#at;
    const filled =
      prompt &&
      fillVariables(prompt, {
        ...(at ? { file: at.file } : {}),
        selected: at?.selected ?? false,
        workspaceName: basename(this.#files.root),
        inputs,
      });
    const conventions = instructionsFor(
      readInstructions(this.#files),
      this.#context.map(({ path }) => path),
    );
    const left = this.#skipped.length - MAX_LISTED;
    const own = readIgnoreFile(this.#files);
    return {
      instruction,
      ...(prompt && filled ? { prompt: { path: prompt.path, text: filled.text } } : {}),
      ...(step ? { step: { title: step.title, ...(step.why === undefined ? {} : { why: step.why }) } } : {}),
      ...(at ? { at } : {}),
      files: this.#context,
      skipped: this.#skipped.slice(0, MAX_LISTED),
      named: this.#named,
      instructions: conventions.text,
      names: namesOf(known.filter((path) => !ignore.isPathValid(path) || !own.ignores(path))),
      notices: [
        ...this.#notices,
        ...(filled?.notices ?? []),
        ...conventions.cut.map((path) => `${path} is too long to be sent along and was left out.`),
        ...(left > 0 ? [`${left} more files were left out.`] : []),
      ],
    };
  }

  #add(path: string, text: string, needed: boolean): void {
    this.#context.push({ path, text, needed, ...(hasByteOrderMark(this.#files, path) ? { bom: true } : {}) });
  }

  #skip(file: string, reason: string): void {
    this.#skipped.push({ file, status: 'skipped', reason });
  }

  #isKnown(path: string): boolean {
    return this.#context.some((file) => file.path === path) || this.#skipped.some(({ file }) => file === path);
  }

  /** Why files are left out, judging by their names and by where links lead. */
  async #reasons(paths: readonly string[]): Promise<Map<string, string>> {
    const targets = new Map(paths.map((path) => [path, targetOf(this.#files.root, path)]));
    const ignored = await ignoredByGit(
      [...new Set([...paths, ...targets.values()])].filter((path) => path !== '' && !path.startsWith('..')),
      this.#repository,
    );
    const own = readIgnoreFile(this.#files);
    const reasons = new Map<string, string>();
    for (const path of paths) {
      const reason = skipReason(path, ignored, own) ?? skipReason(targets.get(path) ?? path, ignored, own);
      if (reason !== undefined) reasons.set(path, reason);
    }
    return reasons;
  }

  /** Text of an open document, else the file's; undefined when there is none. */
  #text(path: string): string | undefined {
    const { buffers = {} } = this.#request;
    return Object.hasOwn(buffers, path) ? buffers[path] : this.#files.readText(path);
  }

  #quietText(path: string): string | { reason: string } | undefined {
    try {
      return this.#text(path);
    } catch (error) {
      return { reason: failureOf(error)?.message.replace(/\.$/u, '') ?? 'it cannot be read' };
    }
  }

  /** Undefined for a folder, which is told. */
  #linkedText(path: string, promptPath: string, location: { path: string; line: number }): string | undefined {
    try {
      const text = this.#text(path);
      if (text !== undefined) return text;
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      if (failure.reason === 'config' && /is not a file/u.test(failure.message)) {
        this.#notices.push(`${promptPath} points to ${path}, which is not a file; name the files in it.`);
        return undefined;
      }
      const message = `${promptPath} points to a file that cannot be used: ${failure.message}`;
      throw new HandrailError(failure.reason, message, {
        ...(failure.hint === undefined ? {} : { hint: failure.hint }),
        location,
        cause: error,
      });
    }
    throw new HandrailError('not-found', `${promptPath} points to ${path}, and there is no such file.`, {
      hint: 'Correct the link; it counts from the prompt file.',
      location,
    });
  }
}

/** Whether a file begins with a byte order mark, which reading it keeps off its text. */
export function hasByteOrderMark(files: NodeWorkspaceFiles, path: string): boolean {
  let descriptor: number | undefined;
  try {
    const real = files.exists(path) ? locateInside(files.root, path) : undefined;
    if (real === undefined) return false;
    descriptor = openSync(real, 'r');
    const start = new Uint8Array(3);
    return readSync(descriptor, start, 0, 3, 0) === 3 && start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf;
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** A place that the file has, however it was typed. */
function inside(at: GenerateTarget, text: string): GenerateTarget {
  const last = splitLines(text).length;
  const startLine = Math.min(Math.max(1, Math.trunc(at.startLine)), last);
  return { ...at, startLine, endLine: Math.min(Math.max(startLine, Math.trunc(at.endLine)), last) };
}

/** Files that git knows or does not ignore. */
export async function knownFiles(repository: Repository | undefined): Promise<string[]> {
  if (!repository) return [];
  const output = await repository.git(['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
  return [...new Set(output.split('\0').filter((path) => path !== '' && !path.includes('\ufffd')))].sort();
}

async function changedFiles(repository: Repository | undefined): Promise<string[]> {
  try {
    const state = await repository?.state();
    return (state?.changes.entries ?? [])
      .filter(({ status, newMode }) => status !== 'deleted' && newMode !== '160000' && newMode !== '120000')
      .map(({ path }) => path);
  } catch (error) {
    // Without a base there is nothing that could be told to have changed, and the generation does not depend on it.
    if (failureOf(error)) return [];
    throw error;
  }
}

/** Names that fit; for more files, the folders they are in. */
function namesOf(known: readonly string[]): string[] {
  if (known.length <= MAX_NAMES) return [...known];
  const folders = known.map((path) => join(...path.split('/').slice(0, -1).slice(0, 3), '/').replaceAll('\\', '/'));
  return [...new Set(folders)].filter((folder) => folder !== '/').slice(0, MAX_NAMES);
}

function missing(path: string): HandrailError {
  return new HandrailError('not-found', `There is no file ${path}.`, { hint: 'Check the path; it counts from the workspace folder.' });
}

function normalise(path: string): string {
  return path.replaceAll('\\', '/').replace(/^(?:\.\/)+/u, '');
}
