import * as vscode from 'vscode';
import type { GenerateRequest } from '../../core/ai/generate/generation.ts';
import { forMessage, oneLine } from '../review/plainText.ts';
import { targetAtCursor } from './generateTarget.ts';

/** Variables that stand for the file or the selection in the active editor. */
const ABOUT_EDITOR = /\$\{(?:file|relativeFile|fileBasename|fileBasenameNoExtension|fileDirname|selection|selectedText)\}/;

/**
 * What a prompt file wants to know: its `${input:name}` are asked for one by one, and where it speaks of the file or the selection
 * it gets the active editor's. Undefined when the person closes a question. A prompt file that cannot be read is left to the
 * generation, which says why.
 */
export async function askPromptInputs(
  folder: vscode.WorkspaceFolder,
  prompt: string,
): Promise<Pick<GenerateRequest, 'inputs' | 'at'> | undefined> {
  const [{ workspaceFiles }, { promptInputs, readPromptFile }] = await Promise.all([
    import('../../node/workspaceFiles.ts'),
    import('../../core/ai/generate/promptFile.ts'),
  ]);
  const text = workspaceFiles(folder.uri.fsPath).readText(prompt);
  if (text === undefined) return {};
  const { body } = readPromptFile(prompt, text);
  const inputs: Record<string, string> = {};
  for (const { name, placeholder } of promptInputs(body)) {
    const value = await vscode.window.showInputBox({
      title: oneLine(`${prompt.split('/').at(-1) ?? prompt}: ${name}`, 120),
      prompt:
        placeholder === ''
          ? vscode.l10n.t('The prompt file asks for this.')
          : vscode.l10n.t('Left empty: {0}', forMessage(placeholder, 120)),
      ignoreFocusOut: true,
    });
    if (value === undefined) return undefined;
    if (value.trim() !== '') inputs[name] = value.trim();
  }
  return { ...(Object.keys(inputs).length === 0 ? {} : { inputs }), ...(ABOUT_EDITOR.test(body) ? await placeInEditor(folder) : {}) };
}

/** Nothing when the active editor shows no file of this folder. */
async function placeInEditor(folder: vscode.WorkspaceFolder): Promise<Pick<GenerateRequest, 'at'>> {
  const outcome = await targetAtCursor();
  if ('failure' in outcome || outcome.target.folder.uri.toString() !== folder.uri.toString()) return {};
  const { at } = outcome.target.request;
  return at === undefined ? {} : { at };
}
