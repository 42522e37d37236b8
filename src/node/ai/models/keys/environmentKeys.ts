import { parseEndpoint, VENDOR_BASE_URL } from '../../../../core/ai/models/endpoints.ts';
import type { KeyStore } from '../../../../core/ai/service.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the process's environment says about a model. Values are trimmed; empty ones count as absent. */
export interface EnvironmentModel {
  baseURL: string;
  /** The base address was set by the process, not assumed. */
  baseURLNamed: boolean;
  model: string | undefined;
  hasKey: boolean;
}

export function environmentModel(env: Environment): EnvironmentModel {
  const named = value(env, 'OPENAI_BASE_URL');
  return {
    baseURL: named ?? VENDOR_BASE_URL,
    baseURLNamed: named !== undefined,
    model: value(env, 'HANDRAIL_MODEL'),
    hasKey: value(env, 'OPENAI_API_KEY') !== undefined,
  };
}

/**
 * The key of the environment, for the origin of the process's own `OPENAI_BASE_URL` (else the vendor's) and for no other:
 * a repository cannot choose where it goes. Fails with `config` when `OPENAI_BASE_URL` is no usable address.
 */
export function environmentKeys(env: Environment): KeyStore {
  const bound = () => parseEndpoint(environmentModel(env).baseURL).origin;
  return {
    async get(origin) {
      const key = value(env, 'OPENAI_API_KEY');
      return key !== undefined && origin === bound() ? key : undefined;
    },
    async origins() {
      return value(env, 'OPENAI_API_KEY') === undefined ? [] : [bound()];
    },
  };
}

function value(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === undefined || text === '' ? undefined : text;
}
