import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { percentile } from '../../../../core/ai/percentile.ts';
import type { FailureReason } from '../../../../core/errors.ts';

/**
 * Measurements of model calls, on this machine only: one JSON line a call in `<home>/state/model-health/<month>.jsonl`.
 * Lines are short and appended with O_APPEND in one write, so that several processes can share a file; a torn line is skipped. A month
 * is deleted when none of its calls counts any more.
 */
export interface ModelCall {
  /** Milliseconds since the Unix epoch. */
  at: number;
  name: string;
  model: string;
  origin: string;
  /** Milliseconds until the answer ended or failed. */
  latency: number;
  /** Milliseconds until the first text; absent when there was none. */
  firstToken?: number;
  outcome: 'ok' | 'cancelled' | FailureReason;
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  cost?: { amount: number; currency: string };
}

/** One row of `handrail models`. Latencies in milliseconds, over answered calls; cancelled calls count neither way. */
export interface ModelHealth {
  name: string;
  model: string;
  origin: string;
  calls: number;
  p50?: number;
  p95?: number;
  /** Share of failed calls, 0 to 1. */
  errorRate: number;
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  /** By currency; several when the price's currency changed. */
  cost: { amount: number; currency: string }[];
  /** Milliseconds since the Unix epoch. */
  lastUsed: number;
  lastFailure?: { at: number; reason: string };
}

export interface HealthStore {
  record(call: ModelCall): Promise<void>;
  /** Calls of the last 30 days, by entry, most used first. */
  modelsHealth(): Promise<ModelHealth[]>;
}

const WINDOW = 30 * 24 * 3600 * 1000;

export function createHealthStore(options: { home: string; clock?: { now(): number } }): HealthStore {
  const folder = join(options.home, 'state', 'model-health');
  const now = () => options.clock?.now() ?? Date.now();
  return {
    async record(call) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await appendFile(join(folder, `${month(call.at)}.jsonl`), `${JSON.stringify(call)}\n`, { mode: 0o600 });
        await forget(folder, month(now() - WINDOW));
      } catch {
        // A review is worth more than its measurement: a full or read-only home must not fail it.
      }
    },
    async modelsHealth() {
      const since = now() - WINDOW;
      const calls = (await readCalls(folder, month(since))).filter((call) => call.at >= since);
      const groups = new Map<string, ModelCall[]>();
      for (const call of calls) {
        const key = JSON.stringify([call.name, call.model, call.origin]);
        const group = groups.get(key);
        if (group) group.push(call);
        else groups.set(key, [call]);
      }
      return [...groups.values()].map(summarise).toSorted((a, b) => b.calls - a.calls || a.name.localeCompare(b.name));
    },
  };
}

const MONTH_FILE = /^\d{4}-\d{2}\.jsonl$/;

async function forget(folder: string, beforeMonth: string): Promise<void> {
  const old = (await readdir(folder)).filter((file) => MONTH_FILE.test(file) && file.slice(0, 7) < beforeMonth);
  await Promise.all(old.map((file) => rm(join(folder, file), { force: true })));
}

async function readCalls(folder: string, fromMonth: string): Promise<ModelCall[]> {
  const files = await readdir(folder).catch(() => []);
  const recent = files.filter((file) => file.endsWith('.jsonl') && file.slice(0, 7) >= fromMonth);
  const texts = await Promise.all(recent.map((file) => readFile(join(folder, file), 'utf8').catch(() => '')));
  return texts.flatMap((text) => text.split('\n').flatMap(parseCall));
}

function parseCall(line: string): ModelCall[] {
  try {
    const value = JSON.parse(line) as Partial<ModelCall> | null;
    const numbers = [value?.at, value?.latency, value?.inputTokens, value?.outputTokens, value?.cachedTokens];
    const texts = [value?.name, value?.model, value?.origin, value?.outcome];
    if (!numbers.every((n) => Number.isFinite(n)) || !texts.every((t) => typeof t === 'string')) return [];
    return [value as ModelCall];
  } catch {
    return [];
  }
}

function summarise(calls: ModelCall[]): ModelHealth {
  const ordered = calls.toSorted((a, b) => a.at - b.at);
  // Groups are never empty.
  const last = ordered.at(-1) as ModelCall;
  const settled = ordered.filter((call) => call.outcome !== 'cancelled');
  const answered = settled.filter((call) => call.outcome === 'ok').map((call) => call.latency);
  const failure = settled.findLast((call) => call.outcome !== 'ok');
  const total = (key: 'inputTokens' | 'outputTokens' | 'cachedTokens') => ordered.reduce((sum, call) => sum + call[key], 0);
  const p50 = percentile(answered, 0.5);
  const p95 = percentile(answered, 0.95);
  return {
    name: last.name,
    model: last.model,
    origin: last.origin,
    calls: ordered.length,
    ...(p50 === undefined ? {} : { p50 }),
    ...(p95 === undefined ? {} : { p95 }),
    errorRate: settled.length === 0 ? 0 : (settled.length - answered.length) / settled.length,
    inputTokens: total('inputTokens'),
    outputTokens: total('outputTokens'),
    cachedTokens: total('cachedTokens'),
    cost: costs(ordered),
    lastUsed: last.at,
    ...(failure === undefined ? {} : { lastFailure: { at: failure.at, reason: failure.outcome } }),
  };
}

function costs(calls: ModelCall[]): { amount: number; currency: string }[] {
  const sums = new Map<string, number>();
  for (const { cost } of calls) if (cost) sums.set(cost.currency, (sums.get(cost.currency) ?? 0) + cost.amount);
  return [...sums].map(([currency, amount]) => ({ amount, currency }));
}

/** `2026-11`, in UTC. */
function month(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}
