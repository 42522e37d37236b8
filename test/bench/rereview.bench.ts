import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReviewResult } from '../../src/core/ai/finding.ts';
import type { ReviewService } from '../../src/core/ai/service.ts';
import { createReviewService } from '../../src/node/ai/reviewService.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { startModelServer, type ModelServer } from '../support/modelServer.ts';
import { median, type Measurement } from './benchmark.ts';

/**
 * A change of 30 files is reviewed, reviewed again as it is, and reviewed after one more line was edited. Beside it: a cache of whole
 * results, which knows the same review again and asks everything anew after any edit. Real git, real files, real HTTP; the model
 * answers at once, so the times are what is left when it costs nothing.
 */

const FILES = 30;
const FUNCTIONS = 4;
const ROUNDS = 5;
const pathOf = (file: number): string => `src/part${file}.ts`;

function source(file: number, changed: boolean): string {
  const functions = Array.from({ length: FUNCTIONS }, (_, which) =>
    [
      `export function part${file}of${which}(list: number[]): void {`,
      ...Array.from({ length: 40 }, (_, at) => `  list.push(compute(${at + (changed && at === 20 ? 1000 : 0)}, 'line ${at} of ${file}'));`),
      '}',
    ].join('\n'),
  );
  return `${functions.join('\n\n')}\n`;
}

interface Round {
  calls: number;
  tokens: number;
  milliseconds: number;
}

class Scene {
  readonly repo: TestRepo;
  readonly #home = mkdtempSync(join(tmpdir(), 'handrail bench-'));
  readonly #server: ModelServer;
  readonly #service: ReviewService;

  constructor(server: ModelServer) {
    this.#server = server;
    const all = (changed: boolean) => Object.fromEntries(Array.from({ length: FILES }, (_, file) => [pathOf(file), source(file, changed)]));
    const models = `version: 1\nmodels:\n  bench: { provider: openai, baseURL: "${server.baseURL}", model: bench, limits: { contextTokens: 32000 } }\nroles: { review: bench }\n`;
    this.repo = createTestRepo({ files: { ...all(false), '.handrail/models.yml': models }, branch: 'feat/bench' });
    this.repo.write(all(true));
    this.#service = createReviewService({
      root: this.repo.root,
      home: this.#home,
      env: {},
      keys: { get: () => Promise.resolve(undefined) },
      trusted: () => true,
      environmentIsChoice: false,
      // What the engines take is the same in every round and no part of the question.
      builtin: { reads: () => true, review: () => Promise.resolve([]) },
      secrets: { scan: () => Promise.resolve([]) },
    });
  }

  async confirm(): Promise<void> {
    await this.#service.confirm(this.#server.origin);
  }

  async review(fresh = false): Promise<Round & { result: ReviewResult }> {
    const before = this.#server.requests.length;
    const started = performance.now();
    const result = await this.#service.review(
      { scope: 'branch', paths: [], fresh },
      { signal: new AbortController().signal, onEvent: () => {} },
    );
    const milliseconds = performance.now() - started;
    return { calls: this.#server.requests.length - before, tokens: result.usage.inputTokens, milliseconds, result };
  }

  remove(): void {
    this.repo.remove();
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** The model complains once, about the first part. */
function script(): Parameters<ModelServer['setScript']>[0] {
  const finding = {
    file: pathOf(0),
    severity: 'medium',
    category: 'bug',
    title: 'Odd number',
    message: 'The number is too large.',
    quote: "  list.push(compute(1020, 'line 20 of 0'));",
  };
  return {
    answers: [{ when: 'line 20 of 0', reply: { text: JSON.stringify({ findings: [finding] }) } }],
    replies: [{ text: '{"findings":[]}' }],
  };
}

export async function run(): Promise<Measurement[]> {
  const server = await startModelServer(script());
  const scene = new Scene(server);
  try {
    await scene.confirm();
    const first = await scene.review();
    const short = first.result.coverage.filter(({ status }) => status !== 'full');
    if (short.length > 0) throw new Error(`${short.length} files were not read in full.`);
    const again: Round[] = [];
    const edited: Round[] = [];
    const naive: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const same = await scene.review();
      if (same.result.findings.length !== first.result.findings.length) throw new Error('The second review found something else.');
      again.push(same);
      scene.repo.write({ [pathOf(round)]: source(round, true).replace('compute(30,', `compute(${3000 + round},`) });
      edited.push(await scene.review());
      naive.push(await scene.review(true));
    }
    const of = (rounds: readonly Round[], which: keyof Round): number => median(rounds.map((round) => round[which]));
    const row = (name: string, metric: keyof Round, value: number, baseline: number): Measurement => ({
      name,
      metric: { calls: 'model calls', tokens: 'tokens sent', milliseconds: 'time' }[metric],
      value,
      unit: { calls: 'calls', tokens: 'tokens', milliseconds: 'ms' }[metric],
      baseline,
    });
    const metrics = ['calls', 'tokens', 'milliseconds'] as const;
    return [
      ...metrics.map((metric) => row(`${FILES} files reviewed again (first review)`, metric, of(again, metric), first[metric])),
      ...metrics.map((metric) => row('after one more line (whole results cached)', metric, of(edited, metric), of(naive, metric))),
    ];
  } finally {
    scene.remove();
    await server.close();
  }
}
