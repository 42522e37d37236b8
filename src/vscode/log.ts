import * as vscode from 'vscode';

/** The *Handrail* output channel. It satisfies the core's `Log` port; the caller disposes it. */
export function createLog(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel('Handrail', { log: true });
}

/** One line for a defect: the log gets the stack, the person never does. */
export function defectText(error: unknown): string {
  if (error instanceof Error) return error.stack ?? `${error.name}: ${error.message}`;
  return String(error);
}
