import type { ModelsService } from '../core/ai/models/modelStatus.ts';
import type { DraftService } from '../core/ai/draft/draft.ts';
import type { GenerateService, ReviewService } from '../core/ai/service.ts';
import type { DroppedEvents } from '../core/telemetry/observation.ts';
import type * as Recorded from '../core/telemetry/recorded.ts';
import type { WorkflowService } from '../core/workflow/service.ts';
import type { Verifier } from '../core/workflow/verify/service.ts';
import type { ModelOptions } from '../node/ai/chosenModel.ts';
import type { CaseReviewer } from '../node/ai/eval/caseReviewer.ts';
import type { Contributor } from '../node/team/contributor.ts';
import type { TelemetryStore } from '../node/telemetry/consentStore.ts';
import type { Connecting } from '../node/usage/connecting.ts';
import type { ConnectionStore } from '../node/usage/connectionStore.ts';
import type { ImportedUsage } from '../node/usage/importUsage.ts';
import type { Receiver } from '../node/usage/receiver.ts';
import type { TrustStore } from '../node/workflow/trustStore.ts';
import { droppedText } from './text/dropped.ts';

/** What commands call, opened on first use: `status` loads no reviewer and `models` no workflow parser. */
export interface Services {
  /** `looksOnly`: it runs and records nothing, and so may go on from what an earlier process saw. */
  workflow(options?: { looksOnly: boolean }): Promise<WorkflowService>;
  /** Judges a branch by its base's policy. */
  verifier(): Promise<Verifier>;
  review(): Promise<ReviewService>;
  generate(): Promise<GenerateService>;
  /** Commit messages and descriptions of pull requests. */
  drafts(): Promise<DraftService>;
  /** The reviewer that would answer here, for cases whose right review is known. */
  caseReviewer(request: { role?: string; model?: string }): Promise<CaseReviewer>;
  models(): Promise<ModelsService>;
  /** Which versions of workflows may run their commands on this machine. */
  trust(): Promise<TrustStore>;
  /** What is recorded about the person's work, and whether it may be. */
  telemetry(): Promise<TelemetryStore>;
  /** What the person gives the team of the folder. */
  contributor(): Promise<Contributor>;
  /** Which other assistants are connected, and the receiver that listens for them. */
  usage(): Promise<UsageServices>;
}

export interface UsageServices {
  connections: ConnectionStore;
  connecting: Connecting;
  listen(options: { port: number | undefined }): Promise<Receiver>;
  importLogs(options: { dryRun: boolean; signal: AbortSignal }): Promise<ImportedUsage[]>;
}

export function openServices({
  root,
  cwd,
  env,
  warn,
}: {
  root: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
  warn(message: string): void;
}): Services {
  const log = { info() {}, warn, error: warn };
  const home = async (): Promise<string> => (await import('../node/home.ts')).handrailHome(env);
  const onDropped = (dropped: DroppedEvents): void => warn(droppedText(dropped));
  const recorded = recordedWhereOn({ home, env, root, onDropped });
  const models = async (): Promise<ModelOptions> => {
    const [{ environmentKeys }, { commandKeys }, { layeredKeys }, folder] = await Promise.all([
      import('../node/ai/models/keys/environmentKeys.ts'),
      import('../node/ai/models/keys/commandKeys.ts'),
      import('../node/ai/models/keys/layeredKeys.ts'),
      home(),
    ]);
    return {
      root,
      home: folder,
      keys: layeredKeys(environmentKeys(env), commandKeys({ root, home: folder, env })),
      env,
      // Endpoints of the repository get nothing before they were confirmed, so its files may be read.
      trusted: () => true,
      environmentIsChoice: true,
      assistants: async () => (await import('../node/ai/assistants/assistantsFile.ts')).readAssistantsFile(folder),
    };
  };
  const telemetry = async (): Promise<TelemetryStore> => {
    const [{ createTelemetryStore }, { environmentClock }] = await Promise.all([
      import('../node/telemetry/consentStore.ts'),
      import('../node/clock.ts'),
    ]);
    return createTelemetryStore({ home: await home(), env, clock: environmentClock(env), roots: () => [root] });
  };
  return {
    workflow: async ({ looksOnly } = { looksOnly: false }) => {
      const begun = looksOnly ? await (await import('../node/workflow/beginLook.ts')).beginLook(root, process.argv[1] ?? '') : {};
      const { createWorkflowService } = await import('../node/workflow/workflowService.ts');
      return recorded(createWorkflowService({ root, env, log, ...begun }), (module) => module.recordedWorkflow);
    },
    verifier: async () => {
      const [{ createVerifier }, { systemClock }] = await Promise.all([
        import('../node/workflow/verify/verifier.ts'),
        import('../node/clock.ts'),
      ]);
      return createVerifier({ root, cwd, env, clock: systemClock });
    },
    review: async () => {
      const [{ createReviewService }, options] = await Promise.all([import('../node/ai/reviewService.ts'), models()]);
      return recorded(createReviewService({ ...options, log }), (module) => module.recordedReviews);
    },
    generate: async () => {
      const [{ createGenerateService }, options] = await Promise.all([import('../node/ai/generateService.ts'), models()]);
      return recorded(createGenerateService(options), ({ recordedGeneration }) => async (service, recording) => {
        const [{ survivalIn }, { environmentClock }] = await Promise.all([
          import('../node/telemetry/survivalIn.ts'),
          import('../node/clock.ts'),
        ]);
        const survival = survivalIn(root, {
          home: options.home ?? (await home()),
          env,
          clock: environmentClock(env),
          usage: recording.usage,
        });
        return recordedGeneration(service, recording, survival);
      });
    },
    drafts: async () => {
      const [{ createDraftService }, options] = await Promise.all([import('../node/ai/draftService.ts'), models()]);
      return recorded(createDraftService(options), (module) => module.recordedDrafts);
    },
    caseReviewer: async (request) => {
      const [{ openCaseReviewer }, options] = await Promise.all([import('../node/ai/eval/caseReviewer.ts'), models()]);
      return openCaseReviewer(options, request);
    },
    models: async () => {
      const [{ createModelsService }, options] = await Promise.all([import('../node/ai/models/modelsService.ts'), models()]);
      return createModelsService(options);
    },
    trust: async () => (await import('../node/workflow/trustStore.ts')).createTrustStore(await home()),
    telemetry,
    contributor: async () => {
      const [{ Contributor }, { environmentClock }] = await Promise.all([
        import('../node/team/contributor.ts'),
        import('../node/clock.ts'),
      ]);
      return new Contributor({ home: await home(), root, env, clock: environmentClock(env), telemetry: await telemetry() });
    },
    usage: async () => {
      const [{ assistantFile }, { createConnecting }, { createConnectionStore }, { openReceiver }, { environmentClock }, folder] =
        await Promise.all([
          import('../node/usage/assistantFiles.ts'),
          import('../node/usage/connecting.ts'),
          import('../node/usage/connectionStore.ts'),
          import('../node/usage/openReceiver.ts'),
          import('../node/clock.ts'),
          home(),
        ]);
      const clock = environmentClock(env);
      const roots = (): readonly string[] => [root];
      const connections = createConnectionStore({ home: folder, env, clock, roots });
      return {
        connections,
        connecting: createConnecting({ home: folder, connections, env, settings: (assistant) => assistantFile(assistant, env) }),
        importLogs: async ({ dryRun, signal }) => {
          const { importUsage } = await import('../node/usage/importUsage.ts');
          return importUsage({ home: folder, env, clock, connections, roots, dryRun, signal, onDropped });
        },
        listen: ({ port }) => openReceiver({ home: folder, env, clock, port, roots, onDropped }),
      };
    },
  };
}

/** Wraps services so that what they finish is recorded, where the person turned that on; elsewhere they stay as they are. */
function recordedWhereOn({
  home,
  env,
  root,
  onDropped,
}: {
  home(): Promise<string>;
  env: NodeJS.ProcessEnv;
  root: string;
  onDropped(dropped: DroppedEvents): void;
}): <S>(
  service: S,
  wrapper: (module: typeof Recorded) => (service: S, recording: Recorded.EndingRecording) => S | Promise<S>,
) => Promise<S> {
  let opened: Promise<Recorded.EndingRecording | undefined> | undefined;
  return async (service, wrapper) => {
    opened ??= Promise.all([import('../node/telemetry/openRecording.ts'), home()]).then(([{ openRecording }, folder]) =>
      openRecording(folder, env, root, onDropped),
    );
    const recording = await opened;
    return recording === undefined ? service : wrapper(await import('../core/telemetry/recorded.ts'))(service, recording);
  };
}
