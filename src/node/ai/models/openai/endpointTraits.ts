import { isExpired, type AnswerForm, type EndpointTraits } from '../../../../core/ai/models/capabilities.ts';
import type { Clock } from '../../../../core/ports.ts';
import { shortHash } from '../../workspaceKey.ts';
import type { AnswerFiles } from '../answerFiles.ts';

/** Keeps what trying has shown about one model at one endpoint, so that it is found out once. */
export interface TraitsMemory {
  read(): Promise<EndpointTraits>;
  write(traits: EndpointTraits): Promise<void>;
}

/** For one provider's life time. */
export function traitsInMemory(): TraitsMemory {
  let held: EndpointTraits = { refused: [] };
  return {
    read: () => Promise.resolve(held),
    write(traits) {
      held = traits;
      return Promise.resolve();
    },
  };
}

export interface TraitsOptions {
  files: AnswerFiles;
  baseURL: string;
  model: string;
  /** Milliseconds after which what was learned is forgotten. */
  lifetime: number;
  clock: Clock;
}

/** Under `<home>/state/`, until it expires. What cannot be written is found out again next time. */
export function traitsInFiles({ files, baseURL, model, lifetime, clock }: TraitsOptions): TraitsMemory {
  const name = shortHash(`${baseURL}\n${model}`);
  return {
    async read() {
      const traits = traitsOf(await files.read(name));
      return isExpired(traits, clock.now(), lifetime) ? { refused: [] } : traits;
    },
    write: (traits) => files.write(name, { ...traits, since: traits.since ?? clock.now() }).catch(() => undefined),
  };
}

/** Damage counts as nothing known. */
function traitsOf(value: unknown): EndpointTraits {
  const { api, refused, tokenLimit, ignored, form, contextTokens, since } = (value ?? {}) as Record<string, unknown>;
  const ignoredForms = texts(ignored).filter((one) => one === 'schema' || one === 'tool');
  return {
    refused: texts(refused),
    ...(api === 'chat' || api === 'responses' ? { api } : {}),
    ...(tokenLimit === 'max_tokens' || tokenLimit === 'max_completion_tokens' ? { tokenLimit } : {}),
    ...(ignoredForms.length === 0 ? {} : { ignored: ignoredForms }),
    ...(isForm(form) ? { form } : {}),
    ...(typeof contextTokens === 'number' && Number.isSafeInteger(contextTokens) && contextTokens > 0 ? { contextTokens } : {}),
    ...(typeof since === 'number' && Number.isFinite(since) ? { since } : {}),
  };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function isForm(value: unknown): value is AnswerForm {
  return value === 'schema' || value === 'tool' || value === 'prompt';
}
