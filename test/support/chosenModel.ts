import { environmentKeys } from '../../src/node/ai/models/keys/environmentKeys.ts';

/** The environment of somebody who chose the scripted server. */
export function modelEnvironment({ baseURL }: { baseURL: string }): Record<string, string> {
  return { OPENAI_API_KEY: 'test', OPENAI_BASE_URL: baseURL, HANDRAIL_MODEL: 'test-model' };
}

/** What the services over models take, for the folder of a person with that environment. */
export function modelOptions(places: { root: string; home: string }, server: { baseURL: string }, { isTrusted = true } = {}) {
  const env = modelEnvironment(server);
  return { ...places, env, keys: environmentKeys(env), trusted: () => isTrusted, environmentIsChoice: true };
}
