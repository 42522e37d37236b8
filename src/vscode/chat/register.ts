import * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import { registerCommands } from '../commands.ts';
import type { ReviewServices } from '../review/reviewServices.ts';
import type { Services } from '../services.ts';

/** The tools of package.json, which a test holds to the definitions of `src/core/agents`. */
const TOOLS = ['status', 'next', 'explain', 'run_step', 'check', 'findings'];

/** The participant `@handrail` and the tools that chat models get. Everything loads with the first question or call. */
export function registerChat(services: Services, reviews: ReviewServices): vscode.Disposable {
  const store = new DisposableStore();
  const participant = store.add(
    vscode.chat.createChatParticipant('handrail.chat', async (request, _context, stream, token) =>
      (await import('./participant.ts')).answer({ services, reviews }, request, stream, token),
    ),
  );
  participant.iconPath = vscode.Uri.joinPath(services.context.extensionUri, 'media/handrail.svg');
  participant.followupProvider = {
    provideFollowups: async (result) => (await import('./followups.ts')).followupsOf(vscode.l10n, result.metadata),
  };
  for (const tool of TOOLS) {
    const name = `handrail_${tool}`;
    store.add(
      vscode.lm.registerTool<object>(name, {
        prepareInvocation: async ({ input }) => (await import('./tools.ts')).prepareTool(services, name, input),
        invoke: async ({ input }, token) => (await import('./tools.ts')).invokeTool({ services, reviews }, name, input, token),
      }),
    );
  }
  store.add(registerCommands(services.log, { 'handrail.askInChat': async () => (await import('./askInChat.ts')).askInChat() }));
  return store;
}
