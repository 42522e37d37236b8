import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { ConsentState, Forbidden } from '../../core/telemetry/consent.ts';
import type { TelemetryStore } from '../../node/telemetry/consentStore.ts';
import { countsOf } from './counts.ts';
import type { EditorUsage } from './editorUsage.ts';
import type { RecordedCounts, TelemetryState } from './telemetryState.ts';

/** What the view shows right now. Where nothing was ever kept, nothing is loaded to find that out. */
export async function readState(usage: EditorUsage, folder?: vscode.WorkspaceFolder): Promise<TelemetryState> {
  if (!existsSync(await usage.folder()) && vscode.env.isTelemetryEnabled && !isForbiddenByName()) return { kind: 'off' };
  const { store, recorder } = await usage.load();
  const state = stateOf(store.state(), store, await recordedCounts(store));
  if (state.kind !== 'on') return state;
  const [shared, team] = [await sharedWith(store), await teamOfFolder(folder)];
  return {
    ...state,
    ...(shared.length > 0 ? { shared } : {}),
    ...(team === undefined ? {} : { team }),
    ...(recorder.dropped === 0 ? {} : { dropped: { count: recorder.dropped, folder: store.folder } }),
  };
}

/** The team that the folder in use belongs to, for what can be shared. */
async function teamOfFolder(folder: vscode.WorkspaceFolder | undefined): Promise<string | undefined> {
  if (folder === undefined) return undefined;
  const { teamOf } = await import('../../node/team/teamFile.ts');
  return teamOf([folder.uri.fsPath]);
}

/** The same two variables as on the command line; only whether they are there, their meaning is the core's. */
function isForbiddenByName(): boolean {
  return process.env['HANDRAIL_TELEMETRY'] !== undefined || process.env['DO_NOT_TRACK'] !== undefined;
}

function stateOf(consent: ConsentState, store: TelemetryStore, recorded: RecordedCounts): TelemetryState {
  const keepDays = store.retention();
  const because = consent.recording ? undefined : forbiddenText(consent.forbidden, store.folder);
  if (because !== undefined) return { kind: 'forbidden', because, events: recorded.events };
  const isWanted = consent.recording || consent.because === 'forbidden';
  if (!vscode.env.isTelemetryEnabled && (isWanted || consent.because === 'never-on' || consent.because === 'off')) {
    return { kind: 'vetoed', wanted: isWanted, events: recorded.events };
  }
  if (consent.recording) return { kind: 'on', since: consent.since, recorded, keepDays };
  switch (consent.because) {
    case 'never-on':
    case 'off':
      return recorded.events + recorded.unreadable === 0 ? { kind: 'off' } : { kind: 'kept', recorded, keepDays };
    case 'forbidden':
      // The editor allows it by now; the next look finds the veto gone.
      return { kind: 'vetoed', wanted: true, events: recorded.events };
    case 'catalogue-changed':
      return { kind: 'changed', since: consent.since ?? '', recorded, keepDays };
    case 'damaged':
    case 'newer':
    case 'unreadable':
      return { kind: 'failed', message: failureText(consent.because, store.folder) };
  }
}

/** What no window can change, in words; the editor's own level has a state of its own. */
function forbiddenText(forbidden: Forbidden | undefined, folder: string): string | undefined {
  switch (forbidden) {
    case 'environment':
      return vscode.l10n.t('HANDRAIL_TELEMETRY or DO_NOT_TRACK in the environment of the editor forbids it.');
    case 'workspace':
      return vscode.l10n.t(
        '{0} lies in a workspace or repository, where no decision counts. Set HANDRAIL_HOME to a folder of your own outside of them, or unset it, and restart the editor.',
        folder,
      );
    case 'owner':
      return vscode.l10n.t(
        '{0} belongs to another user of this machine. Run the editor as yourself, or set HANDRAIL_HOME to a folder of your own.',
        folder,
      );
    default:
      return undefined;
  }
}

function failureText(because: 'damaged' | 'newer' | 'unreadable', folder: string): string {
  switch (because) {
    case 'damaged':
      return vscode.l10n.t('Nothing is recorded: the note of your decision in {0} is damaged. Decide again, or delete everything.', folder);
    case 'newer':
      return vscode.l10n.t(
        'Nothing is recorded: a later version of Handrail wrote what is in {0}. Update Handrail, or delete everything.',
        folder,
      );
    case 'unreadable':
      return vscode.l10n.t(
        'Nothing is recorded: {0} cannot be read. Make the folder readable and try again, or delete everything.',
        folder,
      );
  }
}

/** The teams that were agreed to, loaded only where there was an agreement. */
async function sharedWith({ folder }: TelemetryStore): Promise<string[]> {
  const agreements = join(folder, 'sharing');
  if (!existsSync(agreements)) return [];
  const { readSharing } = await import('../../node/team/sharingFiles.ts');
  return readSharing(agreements).map(({ team }) => team);
}

async function recordedCounts(store: TelemetryStore): Promise<RecordedCounts> {
  const { weekOf } = await import('../../core/telemetry/week.ts');
  const { events, torn, foreign } = store.events();
  const present = weekOf(Date.now());
  return countsOf(events, torn + foreign, (day) => weekOf(Date.parse(day)) === present);
}
