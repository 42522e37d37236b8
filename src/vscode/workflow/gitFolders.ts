import * as vscode from 'vscode';

/** Where a worktree's own git state lives (`HEAD`) and where what all worktrees share lives (`refs`, records). */
export interface GitFolders {
  own: vscode.Uri;
  common: vscode.Uri;
}

/**
 * Finds the git folders of a workspace folder by reading `.git`, upwards from the folder, without running git.
 * Formats: gitrepository-layout(5), a `.git` file holds `gitdir: PATH`, `commondir` holds a path relative to it.
 */
export async function findGitFolders(folder: vscode.Uri): Promise<GitFolders | undefined> {
  for (let at = folder; ; at = vscode.Uri.joinPath(at, '..')) {
    const own = await gitFolderIn(at);
    if (own !== undefined) return { own, common: await commonOf(own) };
    if (at.path === '/' || at.path === vscode.Uri.joinPath(at, '..').path) return undefined;
  }
}

async function gitFolderIn(directory: vscode.Uri): Promise<vscode.Uri | undefined> {
  const dotGit = vscode.Uri.joinPath(directory, '.git');
  try {
    const stat = await vscode.workspace.fs.stat(dotGit);
    if ((stat.type & vscode.FileType.Directory) !== 0) return dotGit;
    const pointer = /^gitdir: (.+)$/m.exec(await readText(dotGit))?.[1]?.trim();
    return pointer === undefined ? undefined : resolve(directory, pointer);
  } catch {
    return undefined;
  }
}

async function commonOf(own: vscode.Uri): Promise<vscode.Uri> {
  try {
    return resolve(own, (await readText(vscode.Uri.joinPath(own, 'commondir'))).trim());
  } catch {
    return own;
  }
}

function resolve(base: vscode.Uri, path: string): vscode.Uri {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path) ? vscode.Uri.file(path) : vscode.Uri.joinPath(base, path);
}

async function readText(uri: vscode.Uri): Promise<string> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}
