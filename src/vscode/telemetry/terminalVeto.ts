import * as vscode from 'vscode';

/**
 * Tells the command line in the editor's terminals that the editor's telemetry setting forbids recording. Needs no file and no
 * listener, so it holds also where nothing was ever decided; terminals that are open already keep what they began with.
 */
export function tellTerminals(environment: vscode.EnvironmentVariableCollection): void {
  if (vscode.env.isTelemetryEnabled) environment.delete(VARIABLE);
  else environment.replace(VARIABLE, 'off');
}

/** `EDITOR_VETO_VARIABLE` of the core, whose code is not loaded while telemetry is off; a unit test holds the two together. */
export const VARIABLE = 'HANDRAIL_EDITOR_TELEMETRY';
