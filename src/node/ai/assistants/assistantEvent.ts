/** What the assistants' streams say, whatever the dialect. Sources of the formats stand in the readers of each. */
export type AssistantEvent =
  | { type: 'text'; text: string }
  | {
      type: 'usage';
      inputTokens: number;
      outputTokens: number;
      cachedTokens: number;
      cost?: { amount: number; currency: string };
    }
  | { type: 'notice'; message: string }
  /** The answer is complete. */
  | { type: 'end'; reason: 'stop' | 'length' | 'filtered' }
  /** The assistant gives up; `kind` where it says so in a word of its own. */
  | { type: 'failure'; message: string; kind?: 'authentication' | 'rate-limit' }
  /** It wants to know something that nobody is there to answer. */
  | { type: 'question'; message: string };

/** Reads one event of a stream. Undefined for JSON that is no event of this dialect; empty for one without a meaning here. */
export type EventReader = (value: Record<string, unknown>) => AssistantEvent[] | undefined;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member that is an object, else an empty one: versions differ in what they leave out. */
export function recordAt(value: Record<string, unknown>, key: string): Record<string, unknown> {
  const inner = value[key];
  return isRecord(inner) ? inner : {};
}

export function textAt(value: Record<string, unknown>, key: string): string {
  const text = value[key];
  return typeof text === 'string' ? text : '';
}

/** A count, 0 when it is absent or nonsense. */
export function countAt(value: Record<string, unknown>, key: string): number {
  const count = value[key];
  return typeof count === 'number' && Number.isFinite(count) && count >= 0 ? count : 0;
}
