import * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import { registerCommands } from '../commands.ts';
import type { ReviewServices } from '../review/reviewServices.ts';
import type { Services } from '../services.ts';

/** The participant `@handrail` and the tools that chat models get. Everything loads with the first question or call. */
export function registerChat(services: Services, reviews: ReviewServices): vscode.Disposable {
  const store = new DisposableStore();
  const { extension, extensionUri } = services.context;
  const parts = { services, reviews };
  const load = () => import('./loaded.ts');
  const participant = store.add(
    vscode.chat.createChatParticipant('handrail.chat', async (request, _context, stream, token) =>
      (await load()).answer(parts, request, stream, token),
    ),
  );
  participant.iconPath = vscode.Uri.joinPath(extensionUri, 'media/handrail.svg');
  participant.followupProvider = {
    provideFollowups: async (result) => (await load()).followupsOf(vscode.l10n, result.metadata),
  };
  for (const { name } of extension.packageJSON.contributes.languageModelTools as { name: string }[]) {
    store.add(
      vscode.lm.registerTool<object>(name, {
        prepareInvocation: async (options) => (await load()).prepareTool(services, name, options),
        invoke: async (options, token) => (await load()).invokeTool(parts, name, options, token),
      }),
    );
  }
  store.add(registerCommands(services.log, { 'handrail.askInChat': async () => (await load()).askInChat() }));
  return store;
}
