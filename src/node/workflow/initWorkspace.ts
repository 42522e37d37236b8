import { lstatSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { checklistWorkflow, readChecklist } from '../../core/workflow/checklist.ts';
import type { ChecklistSource } from '../../core/workflow/checklist.ts';
import type { InitOptions, InitResult } from '../../core/workflow/service.ts';
import { DEFAULT_TEMPLATE, TEMPLATES } from '../../core/workflow/templates.ts';
import { createFileAtomic } from '../atomicFile.ts';
import { refuseGitData } from '../git/place.ts';
import { workspaceFiles } from '../workspaceFiles.ts';
import type { NodeWorkspaceFiles } from '../workspaceFiles.ts';
import { WORKFLOWS_FOLDER } from './loader.ts';
import { refuseLinks, writeFailure } from './repositoryFiles.ts';
import { findTestCommand } from './testCommand.ts';

/**
 * Writes workflows to start with into `.handrail/workflows/`; never overwrites. Without options: the default template, unless there
 * are workflows already. The ticked boxes of imported lists stand in `done`, for the caller to record as checks. Fails with `no-git` among
 * git's own files.
 */
export async function initWorkspace(files: NodeWorkspaceFiles, options: InitOptions): Promise<InitResult> {
  refuseGitData(files.root);
  const result: InitResult = { written: [], kept: [], notes: [] };
  const from = options.from ?? [];
  if (options.template !== undefined || from.length === 0) await initTemplate(files, options.template, result);
  if (from.length > 0) await initFrom(files, from, result);
  return result;
}

async function initTemplate(files: NodeWorkspaceFiles, name: string | undefined, result: InitResult): Promise<void> {
  const template = TEMPLATES.find((known) => known.name === (name ?? DEFAULT_TEMPLATE));
  if (!template) {
    const names = TEMPLATES.map((known) => known.name).join(', ');
    throw new HandrailError('usage', `There is no template "${name}".`, { hint: `Templates: ${names}.` });
  }
  const present = files.list(WORKFLOWS_FOLDER).filter((file) => /\.ya?ml$/.test(file));
  if (name === undefined && present.length > 0) {
    // The default matches every branch and could take branches over from the workflows that are there.
    result.kept.push(...present.map((file) => `${WORKFLOWS_FOLDER}/${file}`));
    result.notes.push('There are workflows already, so no default one was written.');
    return;
  }
  const tests = findTestCommand(files);
  const written = await writeNew(files.root, `${WORKFLOWS_FOLDER}/${template.name}.yml`, template.render(tests), result);
  if (!written || template.name === 'spike') return;
  result.notes.push(
    tests
      ? `The tests run with "${tests.run}" (found in ${tests.found}).`
      : 'No test command was found, so testing is a step to tick; change it to kind: command when there is one.',
  );
}

async function initFrom(files: NodeWorkspaceFiles, from: readonly string[], result: InitResult): Promise<void> {
  const sources = from.map((given) => readSource(files, given));
  const [first] = sources;
  if (!first) return;
  const id = idFrom(first.path);
  const title = sources.length === 1 ? `Checklist of ${basename(first.path)}` : 'Checklist';
  const { yaml, done } = checklistWorkflow({ id, title }, sources);
  const path = `${WORKFLOWS_FOLDER}/${id}.yml`;
  if (!(await writeNew(files.root, path, yaml, result))) {
    result.notes.push(`Nothing was imported, because ${path} was there already.`);
    return;
  }
  for (const { path: source, items } of sources) {
    const ticked = items.filter((item) => item.done).length;
    result.notes.push(`${source}: ${count(items.length, 'box', 'boxes')}, ${ticked} ticked.`);
  }
  if (done.length > 0) result.done = [{ workflow: id, steps: done }];
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** Reads a Markdown file. A person may name one outside the workspace; one inside is read under the workspace's rules. */
function readSource(files: NodeWorkspaceFiles, given: string): ChecklistSource {
  const absolute = resolve(files.root, given);
  const inside = relative(files.root, absolute);
  const isInside = inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
  const path = isInside ? inside.split(sep).join('/') : given;
  const text = isInside ? files.readText(path) : readOutside(absolute);
  if (text === undefined) throw new HandrailError('not-found', `There is no file ${path}.`, { hint: 'Check the path.' });
  const items = readChecklist(text);
  if (items.length > 0) return { path, items };
  throw new HandrailError('config', `${path} holds no task list.`, {
    hint: 'Boxes look like "- [ ] Tests added".',
    location: { path },
  });
}

function readOutside(absolute: string): string | undefined {
  const folder = dirname(absolute);
  return lstatSync(folder, { throwIfNoEntry: false }) ? workspaceFiles(folder).readText(basename(absolute)) : undefined;
}

/** `.github/PULL_REQUEST_TEMPLATE.md` becomes `pull-request-template`. */
function idFrom(path: string): string {
  const words = basename(path)
    .replace(/\.[^.]*$/, '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return words === '' ? 'checklist' : words;
}

/** Writes a file that is not there yet. False, and listed as kept, when there is something of that name. */
async function writeNew(root: string, path: string, text: string, result: InitResult): Promise<boolean> {
  refuseLinks(root, path);
  const target = join(root, path);
  try {
    await mkdir(dirname(target), { recursive: true });
    await createFileAtomic(target, text);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EEXIST') throw writeFailure(path, code, error);
    result.kept.push(path);
    return false;
  }
  result.written.push(path);
  return true;
}
