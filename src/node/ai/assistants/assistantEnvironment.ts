import type { Environment } from '../models/keys/environmentKeys.ts';

/**
 * What belongs to Handrail or to the process around it, not to the assistant: our own key and the address it goes to (Codex would send
 * its requests there), the variables of git, npm and Node that point into the workspace, what connects an assistant with the editor or with
 * another assistant that started us, and what makes an editor's executable act as Node.
 */
const KEPT_BACK =
  /^(?:OPENAI_|HANDRAIL_|GIT_|npm_|VSCODE_|ELECTRON_|CLAUDECODE$|CLAUDE_PROJECT_DIR$|CLAUDE_CODE_(?:ENTRYPOINT|SSE_PORT|SESSION_ID)$|CODEX_(?:SANDBOX|THREAD_ID)|GEMINI_CLI(?:_IDE_.*)?$|NODE_(?:OPTIONS|PATH)$|OLDPWD$|INIT_CWD$)/i;

/** The environment of an assistant: the person's, since its sign-in, proxy and provider stand there, without what is kept back. */
export function assistantEnvironment(env: Environment, cwd: string, extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !KEPT_BACK.test(name));
  return { ...Object.fromEntries(kept), PWD: cwd, NO_COLOR: '1', ...extra };
}
