import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import { LOCK_FILE } from '../../core/workflow/shared/content.ts';
import type { LockUpdate, SharedWorkflows } from '../../node/workflow/shared/sharedWorkflows.ts';
import { showInformation, withNotification } from '../messages.ts';
import type { Services } from '../services.ts';
import { fetchOutcome, fetchQuestion, modeFor, wanted } from './sharedText.ts';
import type { WorkflowModel } from './workflowModel.ts';

/** *Update Shared Workflows…*, also from an `extends` that is not locked or not here. The only way to a server from here. */
export async function updateShared(services: Services, model: WorkflowModel): Promise<void> {
  const folder = services.requireFolder();
  if (!vscode.workspace.isTrusted) {
    throw new HandrailError('untrusted', vscode.l10n.t('This folder is not trusted, so nothing is fetched for it.'), {
      hint: vscode.l10n.t('Trust the workspace if you know where it comes from.'),
    });
  }
  const { createSharedWorkflows } = await import('../../node/workflow/shared/sharedWorkflows.ts');
  const shared = createSharedWorkflows({ root: folder.uri.fsPath });
  const update = await askAndUpdate(shared);
  if (update === undefined) return;
  await model.refresh();
  const open = vscode.l10n.t('Open Lock File');
  const buttons = update.written === null ? [] : [open];
  if ((await showInformation(fetchOutcome(vscode.l10n, update), ...buttons)) !== open) return;
  await vscode.window.showTextDocument(vscode.Uri.joinPath(folder.uri, LOCK_FILE));
}

/** Undefined when the person says no. */
export async function askAndUpdate(shared: SharedWorkflows): Promise<LockUpdate | undefined> {
  const files = shared.list();
  if (files.length === 0) {
    throw new HandrailError('not-found', vscode.l10n.t('No workflow here extends one of another repository.'), {
      hint: vscode.l10n.t('Name one under extends: owner/repository//path.yml@tag'),
    });
  }
  const mode = modeFor(files);
  const asked = wanted(files, mode);
  const { message, detail } = fetchQuestion(vscode.l10n, asked, mode);
  if (!(await confirmed(message, detail))) return undefined;
  const agreed = new Set(asked.map(({ source }) => source.url));
  return withNotification(vscode.l10n.t('Fetching shared workflows…'), async (report, token) => {
    const controller = new AbortController();
    const listener = token.onCancellationRequested(() => controller.abort());
    try {
      return await shared.update(mode, {
        signal: controller.signal,
        onFetch: ({ url }) => report(url),
        confirm: async (source) => {
          if (agreed.has(source.url)) return true;
          agreed.add(source.url);
          return confirmed(
            vscode.l10n.t('Fetch from another repository, too?'),
            vscode.l10n.t('A shared workflow extends {0} of {1} at {2}.', source.path, source.url, source.version),
          );
        },
      });
    } finally {
      listener.dispose();
    }
  });
}

async function confirmed(message: string, detail: string): Promise<boolean> {
  const fetch = vscode.l10n.t('Fetch');
  return (await vscode.window.showInformationMessage(message, { modal: true, detail }, fetch)) === fetch;
}
