import type { ModelHealth } from '../../../core/ai/models/health.ts';
import type { ModelEntry, ModelsConfig } from '../../../core/ai/models/models.ts';
import { modelRows, type ModelFacts, type ModelsService, type ModelStatus } from '../../../core/ai/models/modelStatus.ts';
import { parseEndpoint, VENDOR_BASE_URL, type Endpoint } from '../../../core/ai/models/endpoints.ts';
import type { ModelChoice } from '../../../core/ai/service.ts';
import { failureOf } from '../../../core/errors.ts';
import { systemClock } from '../../clock.ts';
import { handrailHome } from '../../home.ts';
import { workspaceFiles } from '../../workspaceFiles.ts';
import { openChooser, type ModelOptions } from '../chosenModel.ts';
import { createEndpointConsent, type EndpointConsent } from './endpointConsent.ts';
import { createHealthStore } from './health/healthStore.ts';
import { hasKey, traitsAt } from './httpRoute.ts';
import { readModels } from './modelsFile.ts';
import { testModel } from './testModel.ts';

/** What is known about the models of one workspace folder, and their tests. */
export function createModelsService(options: ModelOptions): ModelsService {
  const home = options.home ?? handrailHome(options.env ?? process.env);
  const chooser = openChooser(options);
  const consent = createEndpointConsent({ home, root: options.root });
  const parts: Parts = { keys: options.keys, home, consent };
  return {
    async status() {
      const config = options.trusted() ? readModels(workspaceFiles(options.root)) : undefined;
      const [choice, look] = await Promise.all([chooser.choose(), createHealthStore({ home, clock: systemClock }).look()]);
      const entries = await entryFacts(config, { choice, health: look.health }, parts);
      return { choice, models: modelRows({ choice, config, entries, ...look }) };
    },
    async test(name, { signal }) {
      return await testModel(name, await chooser.alone({ model: name }), signal);
    },
  };
}

interface Parts {
  keys: ModelOptions['keys'];
  home: string;
  consent: EndpointConsent;
}

interface Known {
  choice: ModelChoice;
  health: readonly ModelHealth[];
}

async function entryFacts(config: ModelsConfig | undefined, known: Known, parts: Parts): Promise<Record<string, ModelFacts>> {
  const facts = await Promise.all(
    Object.entries(config?.models ?? {})
      .filter(([, entry]) => entry.provider !== 'builtin')
      .map(async ([name, entry]): Promise<[string, ModelFacts]> => {
        const found = entry.provider === 'vscode' ? await editorFacts(name, entry, known, parts) : await httpFacts(entry, parts);
        return [name, found];
      }),
  );
  return Object.fromEntries(facts);
}

async function httpFacts(entry: ModelEntry, parts: Parts): Promise<ModelFacts> {
  const model = entry.model ?? '';
  // The grammar has looked at the address, so that there is one.
  const endpoint = parseEndpoint(entry.baseURL ?? VENDOR_BASE_URL);
  const [confirmed, keyFacts, traits] = await Promise.all([
    parts.consent.isConfirmed(endpoint.origin),
    keyOf(endpoint, parts),
    traitsAt(endpoint, model, parts).read(),
  ]);
  return { model, origin: endpoint.origin, confirmed, ...keyFacts, traits };
}

/** Whether a key is missing, or why that cannot be told. */
async function keyOf({ origin, loopback }: Endpoint, { keys }: Parts): Promise<Pick<ModelFacts, 'needsKey' | 'problem'>> {
  if (loopback) return { needsKey: false };
  try {
    return { needsKey: !(await hasKey(keys, origin)) };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    const { reason, message, hint } = failure;
    return { problem: { reason, message, ...(hint === undefined ? {} : { hint }) } };
  }
}

/** Which model of the editor an entry means is known once it was chosen or called: to list them starts other extensions. */
async function editorFacts(name: string, entry: ModelEntry, { choice, health }: Known, parts: Parts): Promise<ModelFacts> {
  const called = health.find((one) => one.name === name && one.origin.startsWith('editor:'));
  const isChosen = choice.kind === 'model' && choice.name === name;
  const model = (isChosen ? choice.model : undefined) ?? called?.model ?? entry.model ?? '';
  const origin = (isChosen ? choice.origin : undefined) ?? called?.origin ?? '';
  const problem: ModelStatus['problem'] = isChosen ? choice.problem : undefined;
  return {
    model,
    origin,
    ...(origin === '' ? {} : { confirmed: await parts.consent.isConfirmed(origin) }),
    ...(problem === undefined ? {} : { problem }),
  };
}
