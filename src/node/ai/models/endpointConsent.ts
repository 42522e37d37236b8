import { parseOrigin } from '../../../core/ai/models/routes.ts';
import type { ModelOffer } from '../../../core/ai/service.ts';
import { createAnswerFiles } from './answerFiles.ts';
import { shortHash, workspaceKey } from '../workspaceKey.ts';

/** What a person chose for one workspace: an offer, or to stay with the built-in reviewer. */
export type Followed = { kind: 'offer'; offer: ModelOffer } | { kind: 'builtin' };

/** Remembers per person and workspace where code may go and which offer is followed. Nothing is written to the repository. */
export interface EndpointConsent {
  isConfirmed(origin: string): Promise<boolean>;
  confirm(origin: string): Promise<void>;
  followed(): Promise<Followed | undefined>;
  follow(offer: ModelOffer | undefined): Promise<void>;
}

export function createEndpointConsent(options: { home: string; root: string }): EndpointConsent {
  const workspace = workspaceKey(options.root);
  const confirmations = createAnswerFiles(options.home, 'confirmed-endpoints');
  const choices = createAnswerFiles(options.home, 'followed-models');
  const nameOf = (origin: string) => `${workspace}-${shortHash(origin)}`;
  return {
    async isConfirmed(origin) {
      const answer = await confirmations.read(nameOf(origin));
      // The origin stands in the file too: a shortened hash alone would let two origins collide.
      return isRecord(answer) && answer['origin'] === origin;
    },
    confirm: (origin) => confirmations.write(nameOf(origin), { origin, at: new Date().toISOString() }),
    async followed() {
      const answer = await choices.read(workspace);
      if (!isRecord(answer)) return undefined;
      if (answer['kind'] === 'builtin') return { kind: 'builtin' };
      return isOffer(answer['offer']) ? { kind: 'offer', offer: answer['offer'] } : undefined;
    },
    async follow(offer) {
      if (offer === undefined) return await choices.write(workspace, { kind: 'builtin' });
      const { inUse: _now, ...kept } = offer;
      await choices.write(workspace, { kind: 'offer', offer: kept });
    },
  };
}

const KINDS: readonly string[] = ['environment', 'local-server', 'models-file', 'editor', 'assistant'] satisfies ModelOffer['kind'][];

/** Whether it is an offer that was written here. Damage counts as no answer. */
function isOffer(value: unknown): value is ModelOffer {
  return (
    isRecord(value) &&
    ['kind', 'label', 'name', 'model', 'baseURL', 'origin'].every((key) => typeof value[key] === 'string') &&
    KINDS.includes(String(value['kind'])) &&
    isOrigin(String(value['origin']))
  );
}

function isOrigin(text: string): boolean {
  try {
    return parseOrigin(text) === text;
  } catch {
    return false;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
