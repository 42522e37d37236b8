import * as vscode from 'vscode';
import { forMessage } from './review/plainText.ts';

/**
 * Messages that are no dialogs. The editor makes links of Markdown in them, and a link may run a command: text of a file's name, a
 * model or a server goes through here, so that nothing of it does. Answers with the button that was pressed.
 */
type Show = (text: string, ...buttons: string[]) => Thenable<string | undefined>;

export const showInformation: Show = (text, ...buttons) => vscode.window.showInformationMessage(forMessage(text), ...buttons);
export const showWarning: Show = (text, ...buttons) => vscode.window.showWarningMessage(forMessage(text), ...buttons);
export const showError: Show = (text, ...buttons) => vscode.window.showErrorMessage(forMessage(text), ...buttons);

/** Progress in a notification, which is such a message as well; `report` takes the text beside the title. */
export function withNotification<T>(
  title: string,
  task: (report: (message: string) => void, token: vscode.CancellationToken) => Thenable<T>,
): Thenable<T> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: forMessage(title), cancellable: true },
    (progress, token) => task((message) => progress.report({ message: forMessage(message) }), token),
  );
}
