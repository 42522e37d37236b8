import type { ReviewService } from '../core/ai/service.ts';
import type { WorkflowService } from '../core/workflow/service.ts';
import type { ModelHealth } from '../node/ai/healthStore.ts';
import type { TrustStore } from '../node/workflow/trustStore.ts';

/** What commands call, opened on first use: `status` loads no reviewer and `models` no workflow parser. */
export interface Services {
  workflow(): Promise<WorkflowService>;
  review(): Promise<ReviewService>;
  /** Model calls of the last 30 days on this machine. */
  health(): Promise<ModelHealth[]>;
  /** Which versions of workflows may run their commands on this machine. */
  trust(): Promise<TrustStore>;
}

export function openServices({ root, env, warn }: { root: string; env: NodeJS.ProcessEnv; warn(message: string): void }): Services {
  const log = { info() {}, warn, error: warn };
  const home = async (): Promise<string> => (await import('../node/home.ts')).handrailHome(env);
  return {
    workflow: async () => (await import('../node/workflow/workflowService.ts')).createWorkflowService({ root, env, log }),
    review: async () => {
      const [{ createReviewService }, { environmentKeys }, folder] = await Promise.all([
        import('../node/ai/reviewService.ts'),
        import('../node/ai/keys.ts'),
        home(),
      ]);
      return createReviewService({
        root,
        home: folder,
        keys: environmentKeys(env),
        env,
        // Endpoints of the repository get nothing before they were confirmed, so its files may be read.
        trusted: () => true,
        environmentIsChoice: true,
        assistants: async () => (await import('../node/ai/assistants/assistantsFile.ts')).readAssistantsFile(folder),
        log,
      });
    },
    health: async () => (await import('../node/ai/healthStore.ts')).createHealthStore({ home: await home() }).modelsHealth(),
    trust: async () => (await import('../node/workflow/trustStore.ts')).createTrustStore(await home()),
  };
}
