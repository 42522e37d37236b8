import type { AnswerFiles } from '../answerFiles.ts';
import { shortHash } from '../../workspaceKey.ts';

/** What trying has shown about one model at one endpoint; remembered, so that it is found out once. */
export interface EndpointTraits {
  /** The model answers only on the Responses API. */
  api?: 'chat' | 'responses';
  /** Parameters it refuses. */
  refused: string[];
  /** Name of the output limit it wants. */
  tokenLimit?: 'max_tokens' | 'max_completion_tokens';
}

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

/** For good, under `<home>/state/`. What cannot be written is found out again next time. */
export function traitsInFiles(files: AnswerFiles, baseURL: string, model: string): TraitsMemory {
  const name = shortHash(`${baseURL}\n${model}`);
  return {
    async read() {
      const value = (await files.read(name)) as Partial<EndpointTraits> | null | undefined;
      const refused = Array.isArray(value?.refused) ? value.refused.filter((item) => typeof item === 'string') : [];
      return {
        refused,
        ...(value?.api === 'chat' || value?.api === 'responses' ? { api: value.api } : {}),
        ...(value?.tokenLimit === 'max_tokens' || value?.tokenLimit === 'max_completion_tokens' ? { tokenLimit: value.tokenLimit } : {}),
      };
    },
    write: (traits) => files.write(name, traits).catch(() => undefined),
  };
}
