import * as vscode from 'vscode';
import type { Completion } from '../../../core/workflow/authoring/completion.ts';
import type { Place } from '../../../core/workflow/authoring/family.ts';
import type { FileEdit } from '../../../core/workflow/authoring/rename.ts';
import type { OutlineItem } from '../../../core/workflow/authoring/symbols.ts';
import type { TextSpan } from '../../../core/workflow/problem.ts';
import { failureOf } from '../../../core/errors.ts';
import { beginsSomething } from './beginsSomething.ts';
import type { AuthoringDesk, Open } from './desk.ts';
import { showInformation } from '../../messages.ts';

/** The editor's questions about the files under `.handrail/`, put to the core and back. */

const COMPLETION_KINDS: Readonly<Record<Completion['is'], vscode.CompletionItemKind>> = {
  key: vscode.CompletionItemKind.Property,
  value: vscode.CompletionItemKind.Value,
  step: vscode.CompletionItemKind.Reference,
  snippet: vscode.CompletionItemKind.Snippet,
  file: vscode.CompletionItemKind.File,
  folder: vscode.CompletionItemKind.Folder,
  variable: vscode.CompletionItemKind.Variable,
  function: vscode.CompletionItemKind.Function,
};

export class CompletionProvider implements vscode.CompletionItemProvider {
  readonly #desk: AuthoringDesk;

  constructor(desk: AuthoringDesk) {
    this.#desk = desk;
  }

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
    context: vscode.CompletionContext,
  ): Promise<vscode.CompletionItem[] | undefined> {
    const before = document.lineAt(position.line).text.slice(0, position.character);
    const trigger = context.triggerKind === vscode.CompletionTriggerKind.TriggerCharacter ? context.triggerCharacter : undefined;
    if (!beginsSomething(before, trigger)) return undefined;
    const [open, { completionsAt }] = await Promise.all([
      this.#desk.open(document),
      import('../../../core/workflow/authoring/completion.ts'),
    ]);
    if (open === undefined || token.isCancellationRequested) return undefined;
    const found = await completionsAt(document.getText(), document.offsetAt(position), open.path, open.around);
    return found.map((completion) => toCompletionItem(completion, document, position));
  }
}

function toCompletionItem(completion: Completion, document: vscode.TextDocument, position: vscode.Position): vscode.CompletionItem {
  const item = new vscode.CompletionItem(completion.label, COMPLETION_KINDS[completion.is]);
  const replacing = rangeOf(document, completion.replace);
  item.insertText = new vscode.SnippetString(completion.insert);
  item.range = { inserting: new vscode.Range(replacing.start, position), replacing };
  item.filterText = completion.filter;
  item.sortText = completion.order;
  // The core has indented the lines already.
  item.keepWhitespace = true;
  if (completion.detail !== undefined) item.documentation = completion.detail;
  if (completion.again) item.command = { command: 'editor.action.triggerSuggest', title: '' };
  return item;
}

export class HoverProvider implements vscode.HoverProvider {
  readonly #desk: AuthoringDesk;

  constructor(desk: AuthoringDesk) {
    this.#desk = desk;
  }

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | undefined> {
    const [open, { hoverAt }, { hoverText }] = await Promise.all([
      this.#desk.open(document),
      import('../../../core/workflow/authoring/hover.ts'),
      import('./hoverText.ts'),
    ]);
    const hover = open && (await hoverAt(open.draft, document.offsetAt(position), open.around));
    if (hover === undefined) return undefined;
    const text = new vscode.MarkdownString(hoverText(vscode.l10n, hover.parts), true);
    return new vscode.Hover(text, rangeOf(document, hover.span));
  }
}

/** Definition, references and rename: everything that goes from a name to the places it is at. */
export class NameProvider implements vscode.DefinitionProvider, vscode.ReferenceProvider, vscode.RenameProvider {
  readonly #desk: AuthoringDesk;

  constructor(desk: AuthoringDesk) {
    this.#desk = desk;
  }

  async provideDefinition(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.DefinitionLink[] | undefined> {
    const [open, { definitionAt }] = await Promise.all([
      this.#desk.open(document),
      import('../../../core/workflow/authoring/definition.ts'),
    ]);
    const found = open && (await definitionAt(open.draft, document.offsetAt(position), open.around));
    if (!open || !found) return undefined;
    const target = await located(open, found.to);
    return [{ originSelectionRange: rangeOf(document, found.from), targetUri: target.uri, targetRange: target.range }];
  }

  async provideReferences(
    document: vscode.TextDocument,
    position: vscode.Position,
    { includeDeclaration }: vscode.ReferenceContext,
  ): Promise<vscode.Location[]> {
    const [open, { referencesAt }] = await Promise.all([
      this.#desk.open(document),
      import('../../../core/workflow/authoring/definition.ts'),
    ]);
    if (!open) return [];
    const places = referencesAt(open.draft, document.offsetAt(position), open.around, includeDeclaration);
    return await Promise.all(places.map((place) => located(open, place)));
  }

  async prepareRename(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<{ range: vscode.Range; placeholder: string } | undefined> {
    const [open, { renameable }] = await Promise.all([this.#desk.open(document), import('../../../core/workflow/authoring/rename.ts')]);
    if (!open) return undefined;
    return told(() => {
      const { id, span } = renameable(open.draft, document.offsetAt(position));
      return { range: rangeOf(document, span), placeholder: id };
    });
  }

  async provideRenameEdits(
    document: vscode.TextDocument,
    position: vscode.Position,
    to: string,
  ): Promise<vscode.WorkspaceEdit | undefined> {
    const [open, { renameable, renameStep }] = await Promise.all([
      this.#desk.open(document),
      import('../../../core/workflow/authoring/rename.ts'),
    ]);
    if (!open) return undefined;
    const offset = document.offsetAt(position);
    const edits = told(() => renameStep(open.draft, offset, to.trim(), open.around));
    if (edits.length > 0) warnOfEvidence(renameable(open.draft, offset).id, to.trim());
    return toWorkspaceEdit(open.folder, edits);
  }
}

/** Records name steps by id, so what was done under the old one has to be done again. */
function warnOfEvidence(from: string, to: string): void {
  void showInformation(
    vscode.l10n.t('Evidence that was recorded for “{0}” does not count for “{1}”: what was done has to be done again.', from, to),
  );
}

/** The editor shows the message of what is thrown, so it holds the hint as well. */
function told<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    throw new Error([failure.message, failure.hint].filter((part) => part !== undefined).join(' '), { cause: error });
  }
}

export class OutlineProvider implements vscode.DocumentSymbolProvider {
  readonly #desk: AuthoringDesk;

  constructor(desk: AuthoringDesk) {
    this.#desk = desk;
  }

  async provideDocumentSymbols(document: vscode.TextDocument): Promise<vscode.DocumentSymbol[]> {
    const [open, { outlineOf }] = await Promise.all([this.#desk.open(document), import('../../../core/workflow/authoring/symbols.ts')]);
    return open ? outlineOf(open.draft).map((item) => toSymbol(document, item)) : [];
  }
}

const SYMBOL_KINDS: Readonly<Record<OutlineItem['is'], vscode.SymbolKind>> = {
  group: vscode.SymbolKind.Namespace,
  step: vscode.SymbolKind.Event,
  variable: vscode.SymbolKind.Variable,
  model: vscode.SymbolKind.Object,
  dismissal: vscode.SymbolKind.String,
};

function toSymbol(document: vscode.TextDocument, item: OutlineItem): vscode.DocumentSymbol {
  const [range, selection] = [rangeOf(document, item.span), rangeOf(document, item.selection)];
  const symbol = new vscode.DocumentSymbol(item.name, item.detail, SYMBOL_KINDS[item.is], range, selection);
  symbol.children = item.children.map((child) => toSymbol(document, child));
  return symbol;
}

export function rangeOf(document: vscode.TextDocument, { start, end }: TextSpan): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}

async function located(open: Open, { path, span }: Place): Promise<vscode.Location> {
  const uri = vscode.Uri.joinPath(open.folder.uri, path);
  if (span.end === 0) return new vscode.Location(uri, new vscode.Position(0, 0));
  const document = path === open.path ? open.document : await vscode.workspace.openTextDocument(uri);
  return new vscode.Location(uri, rangeOf(document, span));
}

function toWorkspaceEdit(folder: vscode.WorkspaceFolder, edits: readonly FileEdit[]): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  for (const { path, line, column, endLine, endColumn, text } of edits) {
    edit.replace(vscode.Uri.joinPath(folder.uri, path), new vscode.Range(line - 1, column - 1, endLine - 1, endColumn - 1), text);
  }
  return edit;
}
