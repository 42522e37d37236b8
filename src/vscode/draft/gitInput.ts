import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import { oneLine } from '../review/plainText.ts';
import type { Services } from '../services.ts';

/** What the built-in git extension offers others (`extensions/git/src/api/git.d.ts`), as far as it is used here. */
interface GitApi {
  readonly repositories: readonly GitRepository[];
}

interface GitRepository {
  readonly rootUri: vscode.Uri;
  readonly inputBox: { value: string };
}

/** The input for the commit message of one repository, and the folder whose settings and models count. */
export interface CommitInput {
  folder: vscode.WorkspaceFolder;
  /** Absolute folder of a repository that lies inside of the folder; absent for the one around it. */
  at?: string;
  box: { value: string };
}

/** The repository that the Source Control view names, else the one of the folder in use. Fails with `no-git` and a hint. */
export async function commitInput(services: Services, source: vscode.SourceControl | undefined): Promise<CommitInput | undefined> {
  const repositories = (await gitApi()).repositories.filter(({ rootUri }) => rootUri.scheme === 'file');
  const named = source?.rootUri === undefined ? undefined : repositories.find(({ rootUri }) => isSame(rootUri, source.rootUri));
  const repository = named ?? (await pick(repositories, services.folders.current));
  if (repository === undefined) return undefined;
  const { rootUri, inputBox } = repository;
  const around = vscode.workspace.getWorkspaceFolder(rootUri);
  const folder = around ?? services.folders.all.find(({ uri }) => isInside(uri, rootUri)) ?? services.requireFolder();
  return { folder, box: inputBox, ...(around === undefined || isSame(around.uri, rootUri) ? {} : { at: rootUri.fsPath }) };
}

async function pick(
  repositories: readonly GitRepository[],
  folder: vscode.WorkspaceFolder | undefined,
): Promise<GitRepository | undefined> {
  const [first, second] = repositories;
  if (first === undefined) {
    throw new HandrailError('no-git', vscode.l10n.t('No git repository is open, so there is no commit to write a message for.'), {
      hint: vscode.l10n.t('Open a folder of a git repository, and stage a change.'),
    });
  }
  if (second === undefined) return first;
  const own = folder && repositories.find(({ rootUri }) => isInside(folder.uri, rootUri));
  if (own !== undefined && repositories.filter(({ rootUri }) => isInside(rootUri, own.rootUri)).length === 1) return own;
  const items = repositories.map((repository) => ({
    label: oneLine(vscode.workspace.asRelativePath(repository.rootUri, true), 120),
    repository,
  }));
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Commit message for which repository?') }))?.repository;
}

async function gitApi(): Promise<GitApi> {
  const extension = vscode.extensions.getExtension<{ enabled: boolean; getAPI(version: 1): GitApi }>('vscode.git');
  const exported = extension?.isActive === true ? extension.exports : await extension?.activate();
  if (exported?.enabled === true) return exported.getAPI(1);
  throw new HandrailError('no-git', vscode.l10n.t('The editor’s own Git extension is off, and its input is where a commit message goes.'), {
    hint: vscode.l10n.t('Turn on the setting git.enabled, or use handrail generate --commit-message in a terminal.'),
  });
}

function isSame(one: vscode.Uri, other: vscode.Uri | undefined): boolean {
  return one.toString() === other?.toString();
}

function isInside(uri: vscode.Uri, folder: vscode.Uri): boolean {
  return `${uri.path}/`.startsWith(`${folder.path}/`);
}
