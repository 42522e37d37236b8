import * as vscode from 'vscode';
import { parseSource } from '../../../core/workflow/shared/source.ts';
import type { AuthoringDesk } from './desk.ts';

/** Of workflow files of other repositories, as the lock has them: to be read, not to be edited. */
export const SHARED_SCHEME = 'handrail-shared';

/** `source` as `extends` names it. What the editor shows of the address is the file's own name. */
export function sharedUri(folder: vscode.WorkspaceFolder, source: string): vscode.Uri {
  const parsed = parseSource(source);
  const path = 'message' in parsed ? source : `${parsed.version}/${parsed.path}`;
  return vscode.Uri.from({ scheme: SHARED_SCHEME, path: `/${path}`, query: JSON.stringify([folder.uri.toString(), source]) });
}

/** What the lock has of a source; empty once it has nothing of it any more. */
export class SharedDocuments implements vscode.TextDocumentContentProvider {
  readonly #desk: AuthoringDesk;

  constructor(desk: AuthoringDesk) {
    this.#desk = desk;
  }

  async provideTextDocumentContent({ query }: vscode.Uri): Promise<string> {
    const [folder, source] = JSON.parse(query) as [string, string];
    const found = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.toString() === folder);
    return found === undefined ? '' : ((await this.#desk.around(found)).shared(source) ?? '');
  }
}
