/** In what the hosts that everybody uses differ from OpenAI's own protocol. Everything else about an endpoint is found out by trying. */
export interface Dialect {
  /** Name of the output limit in Chat Completions, where nothing is known yet. */
  tokenLimit: 'max_tokens' | 'max_completion_tokens';
  /** Currency of a number in `usage.cost`, where the host documents it. */
  costCurrency?: string;
  /** The header that carries a key. */
  keyHeader(key: string): { name: string; value: string };
}

const bearer = (key: string): { name: string; value: string } => ({ name: 'authorization', value: `Bearer ${key}` });

const OTHER: Dialect = { tokenLimit: 'max_tokens', keyHeader: bearer };
const OPENAI: Dialect = { tokenLimit: 'max_completion_tokens', keyHeader: bearer };
/** Amounts are credits, which are US dollars: https://openrouter.ai/docs/faq. */
const OPENROUTER: Dialect = { tokenLimit: 'max_tokens', costCurrency: 'USD', keyHeader: bearer };
/**
 * Keys go into a header of their own; a token of Microsoft Entra ID, which is a JWT, goes where tokens go:
 * https://learn.microsoft.com/azure/ai-foundry/openai/reference#authentication.
 */
const AZURE: Dialect = {
  tokenLimit: 'max_completion_tokens',
  keyHeader: (key) => (/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(key) ? bearer(key) : { name: 'api-key', value: key }),
};

/** `origin` as `parseEndpoint` gives it. */
export function dialectOf(origin: string): Dialect {
  if (origin === 'https://api.openai.com') return OPENAI;
  if (origin === 'https://openrouter.ai') return OPENROUTER;
  if (/^https:\/\/[a-z0-9-]+\.(?:openai|services\.ai|cognitiveservices)\.azure\.com$/.test(origin)) return AZURE;
  return OTHER;
}
