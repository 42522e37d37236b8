import type { DraftRequest, DraftSource } from '../../core/ai/draft/draft.ts';
import type { DraftInput } from '../../core/ai/draft/input.ts';
import { writtenSubjects } from '../../core/ai/draft/commitStyle.ts';
import { TEMPLATE_PATHS, templateSections, type Section } from '../../core/ai/draft/template.ts';
import { instructionsFor } from '../../core/ai/review/instructions.ts';
import { HandrailError } from '../../core/errors.ts';
import type { CancelSignal } from '../../core/ports.ts';
import { readStaged } from '../git/readChanges.ts';
import type { Repository } from '../git/repository.ts';
import type { NodeWorkspaceFiles } from '../workspaceFiles.ts';
import { collect, readInstructions, type Collected } from './collect.ts';
import { quietly } from './leftOut.ts';

export interface DraftInputPorts {
  files: NodeWorkspaceFiles;
  repository: Repository;
  signal: CancelSignal;
}

/** The last commits whose wording is shown. */
const LAST_COMMITS = 30;
const MOST_COMMITS = 60;

/** Gathers what a draft is made of. Fails with `not-found` where nothing has changed, with `no-merge-base` as a review does. */
export async function collectDraft(request: DraftRequest, ports: DraftInputPorts): Promise<DraftInput> {
  const { files, repository } = ports;
  const source = request.kind === 'pull-request' ? 'branch' : await commitSource(repository);
  const collected = await collect({ scope: source, paths: [], ...(request.base === undefined ? {} : { base: request.base }) }, ports);
  const paths = [...collected.units.map(({ path }) => path), ...collected.skipped.map(({ file }) => file)];
  if (paths.length === 0) throw nothingChanged(source);
  const conventions = instructionsFor(readInstructions(files), paths);
  const head = await repository.head();
  const isPullRequest = request.kind === 'pull-request';
  const sections = isPullRequest ? readTemplate(files) : undefined;
  return {
    kind: request.kind,
    source,
    branch: head.branch,
    units: collected.units,
    skipped: collected.skipped,
    subjects: isPullRequest ? await branchSubjects(repository, request.base) : await lastSubjects(repository),
    instructions: conventions.text,
    steps: request.steps ?? [],
    hint: request.hint ?? '',
    ...(sections === undefined ? {} : { sections }),
    notices: [
      ...(await noticesOf(source, collected, repository)),
      ...conventions.cut.map((path) => `${path} is too long to be sent along and was left out.`),
    ],
  };
}

/** What would be committed: what is staged, or else everything that is not. */
async function commitSource({ git }: Repository): Promise<DraftSource> {
  return (await readStaged(git)).length > 0 ? 'staged' : 'working';
}

async function noticesOf(source: DraftSource, { units }: Collected, repository: Repository): Promise<string[]> {
  if (source === 'branch') {
    return (await repository.head()).clean ? [] : ['What is not committed yet was read as well.'];
  }
  if (source === 'working') return [];
  // A commit takes what is staged in the whole repository, of which this folder may be a part.
  const all = (await repository.git(['diff', '--cached', '--name-only', '-z', '--no-relative'])).split('\0').filter((path) => path !== '');
  const here = (await repository.git(['diff', '--cached', '--name-only', '-z', '--relative'])).split('\0').filter((path) => path !== '');
  const outside = all.length - here.length;
  return outside <= 0 || units.length === 0
    ? []
    : [
        `${outside} more staged ${outside === 1 ? 'file is' : 'files are'} outside of this folder and ${outside === 1 ? 'was' : 'were'} not read.`,
      ];
}

function nothingChanged(source: DraftSource): HandrailError {
  return source === 'branch'
    ? new HandrailError('not-found', 'This branch has changed nothing yet.', {
        hint: 'Commit something first, or name another base with --base.',
      })
    : new HandrailError('not-found', 'There is nothing to commit.', { hint: 'Change something, and stage what the commit should hold.' });
}

async function lastSubjects(repository: Repository): Promise<string[]> {
  if ((await repository.head()).commit === null) return [];
  return await subjects(repository, ['-n', String(LAST_COMMITS), '--no-merges', 'HEAD']);
}

async function branchSubjects(repository: Repository, base: string | undefined): Promise<string[]> {
  const { changes, commit } = await repository.state({ base });
  if (commit === null || changes.mergeBase === null) return [];
  return await subjects(repository, ['-n', String(MOST_COMMITS), '--no-merges', `${changes.mergeBase}..HEAD`]);
}

async function subjects({ git }: Repository, range: readonly string[]): Promise<string[]> {
  return writtenSubjects((await git(['log', '-z', '--format=%s', ...range, '--'])).split('\0'));
}

/** Of the repository's own template; undefined where it has none with headings. */
function readTemplate(files: NodeWorkspaceFiles): Section[] | undefined {
  for (const path of TEMPLATE_PATHS) {
    const text = quietly(() => files.readText(path), undefined);
    if (text !== undefined) return templateSections(text);
  }
  return undefined;
}
