import * as vscode from 'vscode';
import { nameOf, openFile } from '../review/openFile.ts';
import type { Refused } from '../review/openFile.ts';
import { unsavedTexts } from './generateTarget.ts';
import type { GenerationTarget } from './generateTarget.ts';

/** Tests of the file at `uri` or in the active editor, where the project has its tests. What is no text file is refused with its reason. */
export async function targetOfTests(uri: vscode.Uri | undefined): Promise<{ target: GenerationTarget } | Refused> {
  const opened = await openFile(uri, 'generate');
  if ('failure' in opened) return opened;
  const { document, folder, path } = opened.file;
  const { testsRequest } = await import('../../node/ai/testsRequest.ts');
  const { request } = await testsRequest(path, { root: folder.uri.fsPath });
  return {
    target: {
      folder,
      request: { ...request, buffers: unsavedTexts(folder) },
      subject: vscode.l10n.t('tests of {0}', nameOf(document.uri)),
    },
  };
}
