import * as vscode from 'vscode';
import type { Severity } from '../../core/ai/finding.ts';
import { DisposableStore } from '../../core/lifecycle.ts';
import { fileUri } from './boards.ts';
import type { Boards } from './boards.ts';
import { problemCode, reviewerName } from './findingText.ts';
import { severalLines } from './plainText.ts';
import type { TrackedFinding } from './trackedFinding.ts';

/** Begins the source of every problem of ours, so that a review does not take them for the editor's. */
export const SOURCE = 'Handrail';

/** One problem a finding, in the Problems panel and as a squiggle. Stale ones are left out: they may no longer hold. */
export class Problems implements vscode.Disposable {
  readonly #boards: Boards;
  readonly #store = new DisposableStore();
  readonly #collection = this.#store.add(vscode.languages.createDiagnosticCollection('handrail'));
  /** What was shown last, by file: unchanged files are not set again. */
  #shown = new Map<string, readonly TrackedFinding[]>();

  constructor(boards: Boards) {
    this.#boards = boards;
    this.#store.add(boards.onDidChange(() => this.#update()));
  }

  #update(): void {
    const next = new Map<string, { uri: vscode.Uri; entries: TrackedFinding[] }>();
    for (const { folder, board } of this.#boards.all) {
      const open = board.entries.filter((entry) => entry.span !== undefined && entry.state === 'open');
      for (const [file, entries] of Map.groupBy(open, (entry) => entry.finding.file)) {
        const uri = fileUri(folder, file);
        next.set(uri.toString(), { uri, entries });
      }
    }
    for (const key of this.#shown.keys()) if (!next.has(key)) this.#collection.delete(vscode.Uri.parse(key));
    for (const [key, { uri, entries }] of next) {
      if (sameEntries(this.#shown.get(key), entries)) continue;
      const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === key);
      this.#collection.set(
        uri,
        entries.map((entry) => problemOf(entry, document)),
      );
    }
    this.#shown = new Map([...next].map(([key, { entries }]) => [key, entries]));
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function sameEntries(a: readonly TrackedFinding[] | undefined, b: readonly TrackedFinding[]): boolean {
  return a !== undefined && a.length === b.length && a.every((entry, index) => entry === b[index]);
}

function problemOf(entry: TrackedFinding, document: vscode.TextDocument | undefined): vscode.Diagnostic {
  const { finding } = entry;
  const problem = new vscode.Diagnostic(rangeOf(entry, document), severalLines(finding.title), severityOf(finding.severity));
  if (finding.message.trim() !== '' && finding.message !== finding.title) problem.message += `\n${severalLines(finding.message)}`;
  problem.source = `${SOURCE} · ${reviewerName(entry, vscode.l10n)}`;
  problem.code = problemCode(finding);
  return problem;
}

function severityOf(severity: Severity): vscode.DiagnosticSeverity {
  if (severity === 'critical' || severity === 'high') return vscode.DiagnosticSeverity.Error;
  return severity === 'medium' ? vscode.DiagnosticSeverity.Warning : vscode.DiagnosticSeverity.Information;
}

/** The lines of a finding, without the indentation of the first when the document is open. */
export function rangeOf(entry: TrackedFinding, document: vscode.TextDocument | undefined): vscode.Range {
  const first = (entry.span?.startLine ?? 1) - 1;
  const last = (entry.span?.endLine ?? 1) - 1;
  if (document === undefined || last >= document.lineCount) return new vscode.Range(first, 0, last, 1_000);
  return new vscode.Range(first, document.lineAt(first).firstNonWhitespaceCharacterIndex, last, document.lineAt(last).range.end.character);
}
