import type { AssistantSource, Observation } from '../telemetry/observation.ts';
import { metricUsage } from './metricUsage.ts';
import { asList, asObject, asTime, type Json } from './otlp.ts';
import { logUsage, spanUsage } from './recordUsage.ts';
import { Heard, Series } from './series.ts';

/** The three kinds of OTLP messages. */
export const OTLP_SIGNALS = ['metrics', 'logs', 'traces'] as const;
export type OtlpSignal = (typeof OTLP_SIGNALS)[number];

export interface ReadUsage {
  observations: Observation[];
  /** Points, records or spans that are listed and not of the form that OTLP gives them. */
  rejected: number;
}

/** What lies between messages: in memory only, bounded, gone with the process. */
export class UsageMemory {
  readonly series: Series;
  readonly heard = new Heard();
  /** A keyed hash; nothing of the text can be had from it. */
  readonly hash: (text: string) => string;
  readonly #channels = new Map<AssistantSource, string>();

  constructor({ since, hash }: { since: number; hash(text: string): string }) {
    this.series = new Series(asTime(`${Math.floor(since)}000000`));
    this.hash = hash;
  }

  /**
   * Assistants tell the same tokens by several names and kinds of messages. The one that is heard of first is counted, the others of
   * that assistant are not.
   */
  counts(source: AssistantSource, channel: string): boolean {
    const chosen = this.#channels.get(source);
    if (chosen === undefined) this.#channels.set(source, channel);
    return chosen === undefined || chosen === channel;
  }
}

const LISTS = { metrics: 'resourceMetrics', logs: 'resourceLogs', traces: 'resourceSpans' } as const;

/** What a message in its JSON form says about usage, or undefined when it is no such message. Never throws. */
export function readUsage(signal: OtlpSignal, message: unknown, memory: UsageMemory): ReadUsage | undefined {
  const root = asObject(message);
  const resources = root?.[LISTS[signal]];
  if (root === undefined || (resources !== undefined && !Array.isArray(resources))) return undefined;
  const read: ReadUsage = { observations: [], rejected: 0 };
  for (const item of asList(resources)) {
    const resource = asObject(item);
    if (resource === undefined) read.rejected += 1;
    else READERS[signal](resource, memory, read);
  }
  return read;
}

const READERS: Readonly<Record<OtlpSignal, (resource: Json, memory: UsageMemory, into: ReadUsage) => void>> = {
  metrics: metricUsage,
  logs: logUsage,
  traces: spanUsage,
};
